"""Predictions of a trained classifier on a set of images."""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from suite.artifacts import BuildContext
from suite.classifiers.settings import PREDICTION_BATCH_SIZE, PREDICTIONS, SUMMARY, ClassifierSettings
from suite.classifiers.training import make_network
from suite.compute import Compute
from suite.images.labelled import LabelledImages


@torch.inference_mode()
def predict(
    data: LabelledImages,
    weights: Path,
    context: BuildContext,
    *,
    classes: int,
    settings: ClassifierSettings,
    seed: int,
    compute: Compute,
) -> None:
    """Write the class probabilities of every image and a summary of the accuracies.

    All batches have the same size (the last one is padded), so that a prediction does not depend on the number of
    images.

    Args:
        data: The images to classify.
        weights: Weights file of the trained classifier.
        context: Build context that the payload is written to.
        classes: Number of classes.
        settings: Settings of the classifier.
        seed: Seed of the classifier.
        compute: Precision and memory format.
    """
    model = make_network(classes, settings, seed)
    model.load_state_dict(load_file(weights))
    compute.format(model.to(context.device)).eval()
    batches = []
    for start in range(0, len(data), PREDICTION_BATCH_SIZE):
        indices = np.arange(start, start + PREDICTION_BATCH_SIZE).clip(max=len(data) - 1)
        images = torch.from_numpy(data.images[indices]).to(context.device).permute(0, 3, 1, 2)
        with compute.autocast(context.device):
            logits = model(compute.layout(images))
        batches.append(logits.float().softmax(1).cpu()[: len(data) - start])
        context.progress(min(start + PREDICTION_BATCH_SIZE, len(data)), len(data))
    probabilities = torch.cat(batches).numpy()
    context.write_tensors(PREDICTIONS, {"probabilities": probabilities, "labels": data.labels})
    context.write_json(SUMMARY, summarise_predictions(probabilities, data.labels))


def summarise_predictions(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, object]:
    """Compute accuracy, accuracy per class, balanced accuracy (percent) and, for two classes, AUROC (0 to 1).

    Args:
        probabilities: float32, (N, classes).
        labels: int64, (N,).

    Returns:
        ``n``, ``accuracy``, ``per_class`` (None for a class without images), ``balanced_accuracy`` (mean over the
        classes with images) and ``auroc`` (None unless there are two classes and both have images).
    """
    correct = probabilities.argmax(1) == labels
    classes = probabilities.shape[1]
    correct_by_class = [correct[labels == label] for label in range(classes)]
    per_class = [100 * float(hits.mean()) if len(hits) else None for hits in correct_by_class]
    known = [value for value in per_class if value is not None]
    has_both_classes = classes == 2 and len(set(labels.tolist())) == 2
    return {
        "n": len(labels),
        "accuracy": 100 * float(correct.mean()),
        "per_class": per_class,
        "balanced_accuracy": sum(known) / len(known),
        "auroc": _auroc(labels, probabilities[:, 1]) if has_both_classes else None,
    }


def _auroc(labels: np.ndarray, scores: np.ndarray) -> float:
    from sklearn.metrics import roc_auc_score  # imported here: the import takes longer than most predictions

    return float(roc_auc_score(labels, scores))

"""Classifying a set of images with a trained classifier."""

import numpy as np
import torch
from safetensors.torch import load_file

from suite.artifacts import BuildContext
from suite.classifiers.recipes import Predictions
from suite.classifiers.settings import PREDICTED_AT_ONCE, PREDICTIONS, SUMMARY, WEIGHTS
from suite.classifiers.training import make_network


@torch.inference_mode()
def predict(recipe: Predictions, context: BuildContext) -> None:
    """Write the probabilities of every image and the accuracies they amount to.

    Batches have one fixed size, the last one filled up, so that a prediction does not depend on how many there are.
    """
    data = recipe.images.open(context.store)
    model = make_network(recipe.classifier)
    model.load_state_dict(load_file(context.artifact(recipe.classifier).file(WEIGHTS)))
    recipe.compute.format(model.to(context.device)).eval()
    probabilities = []
    for start in range(0, len(data), PREDICTED_AT_ONCE):
        indices = np.arange(start, start + PREDICTED_AT_ONCE).clip(max=len(data) - 1)
        batch = torch.from_numpy(data.images[indices]).to(context.device).permute(0, 3, 1, 2)
        with recipe.compute.autocast(context.device):
            logits = model(recipe.compute.layout(batch))
        probabilities.append(logits.float().softmax(1).cpu()[: len(data) - start])
        context.progress(min(start + PREDICTED_AT_ONCE, len(data)), len(data))
    scores = torch.cat(probabilities).numpy()
    context.write_tensors(PREDICTIONS, {"probabilities": scores, "labels": data.labels})
    context.write_json(SUMMARY, summarise(scores, data.labels))


def summarise(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, object]:
    """Return accuracy, accuracy per class, balanced accuracy (percent) and, for two classes, AUROC (0 to 1).

    Args:
        probabilities: float32, (N, classes).
        labels: int64, (N,).
    """
    right = probabilities.argmax(1) == labels
    classes = probabilities.shape[1]
    of_class = [right[labels == label] for label in range(classes)]
    per_class = [100 * float(hits.mean()) if len(hits) else None for hits in of_class]
    known = [value for value in per_class if value is not None]
    both = classes == 2 and len(set(labels.tolist())) == 2
    return {
        "n": len(labels),
        "accuracy": 100 * float(right.mean()),
        "per_class": per_class,
        "balanced_accuracy": sum(known) / len(known),
        "auroc": _auroc(labels, probabilities[:, 1]) if both else None,
    }


def _auroc(labels: np.ndarray, scores: np.ndarray) -> float:
    from sklearn.metrics import roc_auc_score  # here, for its import costs more than most predictions

    return float(roc_auc_score(labels, scores))

"""Predictions of a trained classifier on a set of images."""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from suite.artifacts import BuildContext
from suite.classifiers.classifier import PREDICTIONS, SUMMARY
from suite.classifiers.prediction_summary import summarise_predictions
from suite.classifiers.settings import PREDICTION_BATCH_SIZE
from suite.classifiers.training import MakeNetwork, make_network
from suite.compute import Compute
from suite.images.labelled import LabelledImages


@torch.inference_mode()
def predict(
    data: LabelledImages,
    weights: Path,
    context: BuildContext,
    *,
    make: MakeNetwork,
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
        make: Returns the untrained network.
        seed: Seed of the classifier.
        compute: Precision and memory format.
    """
    model = make_network(make, seed)
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

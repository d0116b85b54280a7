"""The one pass over a set of images that every metric of that set feeds on."""

import numpy as np
import torch

from suite.artifacts import BuildContext
from suite.metrics.extractors.extractor import extractors
from suite.metrics.recipes import FEATURES, Features


def extract(recipe: Features, context: BuildContext) -> None:
    """Write features, logits and labels of every image, in the order of the set.

    The last batch is filled up with images of zeros, so that every image is computed in a batch of the same size and
    its bits depend neither on how many images there are nor on where it stands.
    """
    extractor = extractors.get(recipe.extractor)
    data = recipe.images.open(context.store)
    network = recipe.compute.format(extractor.load(recipe.side, context.device, context.data_paths))
    count = len(data)
    features = logits = np.empty((0, 0), dtype=np.float32)
    with torch.inference_mode(), recipe.compute.autocast(context.device):
        for start in range(0, count, recipe.batch_size):
            batch = data.images[start : start + recipe.batch_size]
            stop = start + len(batch)
            filled = np.zeros((recipe.batch_size, *batch.shape[1:]), dtype=np.uint8)
            filled[: len(batch)] = batch
            vectors, scores = network(torch.from_numpy(filled).to(context.device))
            if not start:
                features, logits = (np.empty((count, out.shape[1]), dtype=np.float32) for out in (vectors, scores))
            features[start:stop] = vectors[: len(batch)].float().cpu().numpy()
            logits[start:stop] = scores[: len(batch)].float().cpu().numpy()
            context.progress(stop, count)
    context.write_tensors(FEATURES, {"features": features, "logits": logits, "labels": data.labels})

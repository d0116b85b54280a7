"""The forward pass over an image set that gives the features and logits of all its metrics."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from suite.compute import Compute


def extract_features(
    images: NDArray[np.uint8],
    network: torch.nn.Module,
    *,
    batch_size: int,
    compute: Compute,
    device: str,
    progress: Callable[[int, int], None],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return features and logits of every image, in order.

    The last batch is padded with images of zeros, so that every batch has the same size and the bits of an image's
    features depend neither on the number of images nor on its position.

    Args:
        images: uint8, (N, H, W, 3).
        network: Maps a batch of images to features (B, D) and logits (B, K), as ``Extractor.load`` returns it.
        batch_size: Images per forward pass.
        compute: Precision of the forward pass.
        device: Name of the torch device of the network.
        progress: Called after each batch with the number of finished images and N.

    Returns:
        Features float32 (N, D) and logits float32 (N, K); both (0, 0) without images.
    """
    count = len(images)
    features = logits = np.empty((0, 0), dtype=np.float32)
    with torch.inference_mode(), compute.autocast(device):
        for start in range(0, count, batch_size):
            batch = images[start : start + batch_size]
            stop = start + len(batch)
            padded = np.zeros((batch_size, *batch.shape[1:]), dtype=np.uint8)
            padded[: len(batch)] = batch
            batch_features, batch_logits = network(torch.from_numpy(padded).to(device))
            if not start:
                features, logits = (
                    np.empty((count, output.shape[1]), dtype=np.float32) for output in (batch_features, batch_logits)
                )
            features[start:stop] = batch_features[: len(batch)].float().cpu().numpy()
            logits[start:stop] = batch_logits[: len(batch)].float().cpu().numpy()
            progress(stop, count)
    return features, logits

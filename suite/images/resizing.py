"""Resizing of labelled images."""

import numpy as np
from PIL import Image

from suite.images.labelled import LabelledImages


def resize_images(images: LabelledImages, size: int | None) -> LabelledImages:
    """Resize images with Pillow's antialiased bicubic filter.

    Args:
        images: Labelled images.
        size: Height and width in pixels; None returns the images unchanged.
    """
    if size is None or images.images.shape[1:3] == (size, size):
        return images
    resample = Image.Resampling.BICUBIC
    resized = [np.asarray(Image.fromarray(image).resize((size, size), resample)) for image in images.images]
    return LabelledImages(np.stack(resized), images.labels)

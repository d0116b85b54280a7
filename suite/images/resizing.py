"""Resizing of images."""

import numpy as np
from numpy.typing import NDArray
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
    return LabelledImages(np.stack([resized(image, size) for image in images.images]), images.labels)


def resized(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Resize an image to ``size`` x ``size`` by the same filter; an image of that size is returned as it is.

    Args:
        image: uint8, (H, W, 3).
        size: Height and width in pixels.
    """
    if image.shape[:2] == (size, size):
        return image
    return np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC))

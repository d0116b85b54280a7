"""Images at another size."""

import numpy as np
from PIL import Image

from suite.images.labelled import LabelledImages


def resized(real: LabelledImages, size: int | None) -> LabelledImages:
    """Return the images at ``size`` x ``size``, by Pillow's antialiased bicubic filter; None leaves them alone."""
    if size is None or real.images.shape[1:3] == (size, size):
        return real
    resizer = Image.Resampling.BICUBIC
    images = [np.asarray(Image.fromarray(image).resize((size, size), resizer)) for image in real.images]
    return LabelledImages(np.stack(images), real.labels)

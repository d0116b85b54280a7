"""Imagenette resized to 64x64 pixels without keeping the aspect ratio; a different dataset from ``imagenette``."""

from suite.datasets.dataset import Card, datasets
from suite.datasets.imagefolder import FolderDataset
from suite.datasets.imagenette import CITATION, CLASSES, LICENCE, PROMPTS


@datasets.register
class Imagenette64(FolderDataset):
    """9,469 training and 3,925 test images in ten classes."""

    folders = ("imagenette64",)
    aliases = CLASSES
    card = Card(
        name="imagenette64",
        title="Imagenette, squashed to 64x64",
        version="2, squashed to 64x64, JPEG",
        licence=LICENCE,
        citation=CITATION,
        url="https://github.com/fastai/imagenette",
        how_to_get="put imagenette64.zip or imagenette64/ (train/ and val/, folders named by WordNet id) under a "
        "--data-root",
        classes=tuple(CLASSES.values()),
        prompts=PROMPTS,
    )

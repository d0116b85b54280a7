"""Imagenette: ten easily distinguished classes of ImageNet, in the release at 160 pixels."""

from pathlib import Path

from suite.artifacts import DataPaths
from suite.datasets.dataset import Card, Source, datasets
from suite.datasets.download import downloaded
from suite.datasets.imagefolder import FolderDataset, ImageFolder, find_in_data_roots

RELEASE = "imagenette2-160"
CLASSES = {
    "n01440764": "tench",
    "n02102040": "English springer",
    "n02979186": "cassette player",
    "n03000684": "chain saw",
    "n03028079": "church",
    "n03394916": "French horn",
    "n03417042": "garbage truck",
    "n03425413": "gas pump",
    "n03445777": "golf ball",
    "n03888257": "parachute",
}
LICENCE = "Apache-2.0 for the list, ImageNet's terms for the images: non-commercial research"
CITATION = "J. Howard, Imagenette, fast.ai 2019; J. Deng et al., ImageNet, CVPR 2009"
PROMPTS = ("a photo of a {}", "a blurry photo of a {}", "a low resolution photo of a {}")


@datasets.register
class Imagenette(FolderDataset):
    """9,469 training and 3,925 test images, the shorter side 160 pixels, in ten classes."""

    folders = (RELEASE, "imagenette")
    aliases = CLASSES
    download_bytes = 99_000_000
    statistics_of = "imagenette64"  # the same images, at a smaller size
    card = Card(
        name="imagenette",
        title="Imagenette, 160 px",
        version="2, 160px, md5 e793b78cc4c9e9a4ccc0c1155377a412",
        licence=LICENCE,
        citation=CITATION,
        url="https://github.com/fastai/imagenette",
        how_to_get=f"run with --download, or put {RELEASE}/ under a --data-root",
        classes=tuple(CLASSES.values()),
        prompts=PROMPTS,
    )

    def locate(self, data_paths: DataPaths) -> Source:
        """Return the files under a data root, else the download."""
        path = find_in_data_roots(data_paths, self.folders)
        if path is None:
            path = downloaded(self.card, data_paths, _fetch) / RELEASE
        return ImageFolder(path, self.card.classes, self.aliases)


def _fetch(folder: Path) -> None:
    from torchvision.datasets import Imagenette as Published

    Published(folder, size="160px", download=True)
    (folder / f"{RELEASE}.tgz").unlink()

"""CIFAR-10, from the published archive or from an image folder with the same pixels."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from suite.artifacts import DataPaths
from suite.datasets.dataset import Card, Dataset, Example, Source, Split, datasets
from suite.datasets.download import downloaded
from suite.datasets.imagefolder import ImageFolder, find_in_data_roots
from suite.datasets.naming import escaped
from suite.errors import BadData

if TYPE_CHECKING:
    from torchvision.datasets import CIFAR10

BATCHES = "cifar-10-batches-py"
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


class CifarBatches:
    """The published batches. They are pickles, which torchvision loads only if their checksums are right.

    Args:
        root: The directory that contains ``cifar-10-batches-py``.
    """

    classes = CLASSES
    divided = True
    remarks = ()

    def __init__(self, root: Path) -> None:
        self.root = root

    def __len__(self) -> int:
        return sum(len(batches.data) for batches in self._splits.values())

    @property
    def where(self) -> str:
        """Path of the batches."""
        return escaped(self.root / BATCHES)

    def fingerprint(self) -> str:
        """Paths, sizes and modification times of the batches."""
        states = [(path, path.stat()) for path in sorted((self.root / BATCHES).iterdir())]
        return f"cifar-10 {[(str(path.resolve()), state.st_size, state.st_mtime_ns) for path, state in states]}"

    def examples(self, split: Split) -> Iterator[Example]:
        """Yield the images of one split; raises BadData if a checksum is wrong."""
        batches = self._splits[split]
        for number, (image, label) in enumerate(zip(batches.data, batches.targets, strict=True)):
            yield Example(image, int(label), name=f"{self.where} {split} image {number}")

    @cached_property
    def _splits(self) -> "dict[Split, CIFAR10]":
        from torchvision.datasets import CIFAR10

        try:
            return {"train": CIFAR10(self.root, train=True), "test": CIFAR10(self.root, train=False)}
        except RuntimeError as error:
            raise BadData(
                f"{self.where} does not have the published checksums of CIFAR-10: remove it and download it again"
            ) from error


@datasets.register
class Cifar10(Dataset):
    """50,000 training and 10,000 test images of 32x32 pixels in ten classes."""

    folders = ("cifar10", BATCHES)
    download_bytes = 170_500_000
    card = Card(
        name="cifar10",
        title="CIFAR-10",
        version="python version, md5 c58f30108f718f92721af3b95e74349a",
        licence="not stated by its authors; used for research",
        citation="A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, University of Toronto 2009",
        url="https://www.cs.toronto.edu/~kriz/cifar.html",
        how_to_get="run with --download, or put cifar10.zip (split/class/file), cifar10/ or "
        f"{BATCHES}/ under a --data-root",
        classes=CLASSES,
        prompts=("a photo of a {}", "a blurry photo of a {}", "a low resolution photo of a {}"),
    )

    def locate(self, data_paths: DataPaths) -> Source:
        """Return the files under a data root, else the download."""
        path = find_in_data_roots(data_paths, self.folders)
        if path is not None and path.name != BATCHES:
            return ImageFolder(path, CLASSES)
        return CifarBatches(path.parent if path is not None else downloaded(self.card, data_paths, _fetch))


def _fetch(folder: Path) -> None:
    from torchvision.datasets import CIFAR10

    CIFAR10(folder, download=True)

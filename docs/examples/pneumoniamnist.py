"""PneumoniaMNIST, read from the file of arrays that its authors publish: a dataset in one module."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from suite.artifacts import DataPaths
from suite.datasets.dataset import Card, Dataset, Example, Source, Split
from suite.datasets.imagefolder import find_in_data_roots, unavailable
from suite.datasets.naming import escaped
from suite.errors import BadData

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "pneumoniamnist"
PARTS: dict[Split, tuple[str, ...]] = {"train": ("train", "val"), "test": ("test",)}


class NpzSource:
    """The published file: greyscale images and labels of the parts train, val and test.

    The validation images join the training images, because the suite splits off its own validation set.

    Args:
        path: The ``.npz`` file.
    """

    classes = ("normal", "pneumonia")
    divided = True
    remarks = ()

    def __init__(self, path: Path) -> None:
        self.path = path

    def __len__(self) -> int:
        return sum(len(self._read(split, "labels")) for split in PARTS)

    @property
    def where(self) -> str:
        """Path of the file."""
        return escaped(self.path)

    def fingerprint(self) -> str:
        """Path, size and modification time of the file."""
        state = self.path.stat()
        return f"{NAME} {self.path.resolve()} {state.st_size} {state.st_mtime_ns}"

    def examples(self, split: Split) -> Iterator[Example]:
        """Yield the grey images of one split as RGB; raises BadData if the file is not the published one."""
        import numpy as np

        images, labels = self._read(split, "images"), self._read(split, "labels")
        for number, (image, label) in enumerate(zip(images, labels, strict=True)):
            rgb = np.repeat(image[..., np.newaxis], 3, axis=2)
            yield Example(rgb, int(label[0]), name=f"{self.where} {split} image {number}")

    def _read(self, split: Split, kind: str) -> "NDArray[np.uint8]":
        import numpy as np

        try:
            with np.load(self.path, allow_pickle=False) as file:
                return np.concatenate([file[f"{part}_{kind}"] for part in PARTS[split]])
        except (OSError, EOFError, KeyError, ValueError, BadZipFile) as error:
            raise BadData(f"{self.where} cannot be read ({escaped(error)}): download it again") from error


class PneumoniaMnist(Dataset):
    """Chest X-rays of children, 28x28 pixels, in two classes."""

    folders = (NAME,)
    card = Card(
        name=NAME,
        title="PneumoniaMNIST",
        version="MedMNIST v2",
        licence="CC BY 4.0",
        citation="J. Yang et al., MedMNIST v2, Scientific Data 2023; D. Kermany et al., Cell 2018",
        url="https://medmnist.com",
        how_to_get=f"put {NAME}/{NAME}.npz, from https://medmnist.com, under a --data-root",
        classes=NpzSource.classes,
        prompts=("a chest X-ray of a child, {}",),
        natural=False,
    )

    def locate(self, data_paths: DataPaths) -> Source:
        """Return the file under a data root; raises Unavailable if it is missing."""
        folder = find_in_data_roots(data_paths, self.folders)
        if folder is None or not (folder / f"{NAME}.npz").is_file():
            raise unavailable(self.card)
        return NpzSource(folder / f"{NAME}.npz")

"""Fashion-MNIST: small enough for a laptop, and available as a Debian package."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from suite.artifacts import DataPaths
from suite.datasets.dataset import Card, Dataset, Example, Source, Split, datasets
from suite.datasets.download import downloaded
from suite.datasets.imagefolder import ImageFolder, find_in_data_roots
from suite.datasets.naming import escaped
from suite.errors import BadData

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
TORCHVISION = "FashionMNIST"
STEMS: dict[Split, str] = {"train": "train", "test": "t10k"}
KINDS = ("images-idx3-ubyte", "labels-idx1-ubyte")
COUNTS: dict[Split, int] = {"train": 60_000, "test": 10_000}
CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


class IdxFiles:
    """The four published files (``train-images-idx3-ubyte`` and so on), compressed or not.

    Args:
        folder: The directory that contains all four.
    """

    classes = CLASSES
    divided = True
    remarks = ()

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __len__(self) -> int:
        return sum(COUNTS.values())

    @property
    def where(self) -> str:
        """Path of the directory."""
        return escaped(self.folder)

    @classmethod
    def are_in(cls, folder: Path) -> bool:
        """Return whether a directory contains the file of the training images."""
        return any((folder / f"train-{KINDS[0]}{suffix}").is_file() for suffix in ("", ".gz"))

    def fingerprint(self) -> str:
        """Paths, sizes and modification times of the files."""
        paths = [self._path(split, kind) for split in STEMS for kind in KINDS]
        states = [(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
        return f"fashion-mnist {states}"

    def examples(self, split: Split) -> Iterator[Example]:
        """Yield the grey images of one split as RGB; raises BadData if a file is missing or damaged."""
        import numpy as np

        images = self._read(split, KINDS[0], (COUNTS[split], 28, 28))
        labels = self._read(split, KINDS[1], (COUNTS[split],))
        for number, (image, label) in enumerate(zip(images, labels, strict=True)):
            rgb = np.repeat(image[..., np.newaxis], 3, axis=2)
            yield Example(rgb, int(label), name=f"{self.where} {split} image {number}")

    def _path(self, split: Split, kind: str) -> Path:
        plain = self.folder / f"{STEMS[split]}-{kind}"
        path = plain if plain.is_file() else plain.with_name(f"{plain.name}.gz")
        if not path.is_file():
            raise BadData(f"{escaped(path)} is missing: download Fashion-MNIST again")
        return path

    def _read(self, split: Split, kind: str, shape: tuple[int, ...]) -> "NDArray[np.uint8]":
        """Read one idx file: a big-endian header with magic number and sizes, then uint8 values."""
        import numpy as np

        path = self._path(split, kind)
        try:
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        except (OSError, EOFError, ValueError) as error:
            raise BadData(f"{escaped(path)} cannot be read ({escaped(error)}): download Fashion-MNIST again") from error
        header = np.array([0x0800 + len(shape), *shape], dtype=">u4").tobytes()
        if not data.startswith(header) or len(data) != len(header) + int(np.prod(shape)):
            raise BadData(f"{escaped(path)} is not an idx file of {shape[0]:,} items: download Fashion-MNIST again")
        return np.frombuffer(data, np.uint8, offset=len(header)).reshape(shape)


@datasets.register
class FashionMnist(Dataset):
    """60,000 training and 10,000 test images of 28x28 grey pixels in ten classes."""

    folders = ("fashion-mnist", TORCHVISION)
    aliases = {"T-shirt": CLASSES[0]}  # noqa: RUF012 - never modified
    download_bytes = 30_900_000
    card = Card(
        name="fashion-mnist",
        title="Fashion-MNIST",
        version="2017",
        licence="MIT",
        citation="H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST, arXiv:1708.07747",
        url="https://github.com/zalandoresearch/fashion-mnist",
        how_to_get="apt install dataset-fashion-mnist, run with --download, or put fashion-mnist/ or "
        f"{TORCHVISION}/ under a --data-root",
        classes=CLASSES,
        prompts=("a product photo of a {}, greyscale on black", "a {}, greyscale product photo"),
        natural=False,
    )

    def locate(self, data_paths: DataPaths) -> Source:
        """Return the files under a data root, else those of the Debian package, else the download."""
        path = find_in_data_roots(data_paths, self.folders)
        if path is None:
            path = DEBIAN if IdxFiles.are_in(DEBIAN) else downloaded(self.card, data_paths, _fetch)
        raw = next(
            (folder for folder in (path, path / "raw", path / TORCHVISION / "raw") if IdxFiles.are_in(folder)), None
        )
        return IdxFiles(raw) if raw else ImageFolder(path, CLASSES, self.aliases)


def _fetch(folder: Path) -> None:
    from torchvision.datasets import FashionMNIST

    FashionMNIST(folder, download=True)

"""The embedded default: scikit-learn's 8x8 handwritten digits, which need no download."""

from collections.abc import Iterator
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from suite.artifacts import DataPaths
from suite.datasets.dataset import Card, Dataset, Example, Source, Split, datasets
from suite.errors import Unavailable

IMAGES = 1797
TEST_IMAGES = 360
SPLIT_SEED = 0


class DigitsSource:
    """The file inside scikit-learn."""

    classes = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    divided = True
    remarks = ()

    def __len__(self) -> int:
        return IMAGES

    @property
    def where(self) -> str:
        """The word for the header."""
        return "in scikit-learn"

    @cached_property
    def _file(self) -> Path:
        package = find_spec("sklearn")  # finds the folder without the import's half second
        if package is None or not package.submodule_search_locations:
            raise Unavailable("digits comes with scikit-learn, which is not installed: pip install scikit-learn")
        return Path(package.submodule_search_locations[0]) / "datasets" / "data" / "digits.csv.gz"

    def fingerprint(self) -> str:
        """Path, size and time of the file."""
        state = self._file.stat()
        return f"digits {TEST_IMAGES} {SPLIT_SEED} {self._file} {state.st_size} {state.st_mtime_ns}"

    def examples(self, split: Split) -> Iterator[Example]:
        """Scale 0..16 to 0..255, repeat grey as RGB, and split the 1,797 images by class."""
        import numpy as np
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split

        pixels, labels = load_digits(return_X_y=True)
        grey = np.round(pixels * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8, 1)
        images = np.repeat(grey, 3, axis=3)
        train, test = train_test_split(
            np.arange(len(labels)), test_size=TEST_IMAGES, stratify=labels, random_state=SPLIT_SEED
        )
        for index in train if split == "train" else test:
            yield Example(images[index], int(labels[index]), name=f"image {index}")


@datasets.register
class Digits(Dataset):
    """1,437 training and 360 test images in ten classes."""

    card = Card(
        name="digits",
        title="Handwritten digits, 8x8",
        version="UCI optdigits test part, as in scikit-learn",
        licence="CC BY 4.0",
        citation="E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI 1998, doi:10.24432/C50P49",
        url="https://archive.ics.uci.edu/dataset/80",
        get="comes with scikit-learn",
        classes=DigitsSource.classes,
        prompts=("the digit {}",),
        natural=False,
    )

    def locate(self, data_paths: DataPaths) -> Source:  # noqa: ARG002 - always in the same place
        """Return the bundled file."""
        return DigitsSource()

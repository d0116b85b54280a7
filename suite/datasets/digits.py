"""The default dataset: scikit-learn's 8x8 handwritten digits, which need no download."""

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
    """The images in the file that scikit-learn brings."""

    classes = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    divided = True
    remarks = ()

    def __len__(self) -> int:
        return IMAGES

    @property
    def where(self) -> str:
        """Location for the header."""
        return "in scikit-learn"

    @cached_property
    def _file(self) -> Path:
        package = find_spec("sklearn")  # finds the folder without importing it, which takes half a second
        if package is None or not package.submodule_search_locations:
            raise Unavailable("digits is part of scikit-learn, which is not installed: pip install scikit-learn")
        return Path(package.submodule_search_locations[0]) / "datasets" / "data" / "digits.csv.gz"

    def fingerprint(self) -> str:
        """Path, size and modification time of the file."""
        state = self._file.stat()
        return f"digits {TEST_IMAGES} {SPLIT_SEED} {self._file} {state.st_size} {state.st_mtime_ns}"

    def examples(self, split: Split) -> Iterator[Example]:
        """Yield one split of the 1,797 images, stratified by class; grey values 0 to 16 become RGB 0 to 255."""
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
        how_to_get="comes with scikit-learn",
        classes=DigitsSource.classes,
        prompts=("the digit {}",),
        natural=False,
    )

    def locate(self, data_paths: DataPaths) -> Source:  # noqa: ARG002 - the file is part of scikit-learn
        """Return the file of scikit-learn."""
        return DigitsSource()

"""An attribute of real images, such as the site, the device or the skin type: a column of ``metadata.csv``."""

import hashlib
import json
from typing import TYPE_CHECKING, ClassVar

from suite.artifacts import BuildContext, DataPaths, Recipe, Store
from suite.artifacts.resources import DECODING, ResourceRequest
from suite.datasets.imagefolder import ImageFolder
from suite.datasets.locate import find_dataset
from suite.datasets.real import INDICES, RealImages, RealSubset
from suite.errors import BadData, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAMES = "names.json"
CODES = "codes.safetensors"
MOST_VALUES = 50


class ImageAttribute(Recipe):
    """The value of an attribute for each image of a split, in the canonical order.

    The payload is ``names.json``, the values in alphabetical order, "" for images without one, and
    ``codes.safetensors``: ``codes`` int64 (N,), an index into the values for each image.

    Attributes:
        images: The split.
        column: Name of the column, as given.
        table: Hash of the column's values by image, from ``read_attribute``.
    """

    step: ClassVar[str] = "image-attribute"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.datasets.attribute", "suite.datasets.index", "suite.datasets.groups")
    resources: ClassVar[ResourceRequest] = DECODING

    images: RealImages
    column: str
    table: str

    def build(self, context: BuildContext) -> None:
        """Read the table, and the images for their order.

        Raises:
            BadData: If the files changed since they were planned with.
        """
        import numpy as np

        from suite.datasets.index import index_images, part_of_content, split_id

        dataset, split = self.images.dataset, self.images.split
        source, values = read_attribute(dataset, self.column, context.data_paths)
        images = index_images(source, lambda example: values.get(example.name, ""), (split,), context.progress)[split]
        found = split_id(source.classes, split, images), table_id(source, values)
        if found != (part_of_content(self.images.content, split), self.table):
            raise BadData(f"{source.where} changed since the work was planned: start the run again")
        names = sorted({image.value for image in images})
        codes = np.array([names.index(image.value) for image in images], dtype=np.int64)
        context.write_json(NAMES, names)
        context.write_tensors(CODES, {"codes": codes})

    def of_subset(self, subset: RealSubset, store: Store) -> "tuple[tuple[str, ...], NDArray[np.int64]]":
        """Return the values, and the index of each selected image's value, int64 (N,).

        Args:
            subset: Selected from the same split.
            store: Where the artifacts are.
        """
        artifact = store.get(self)
        codes: NDArray[np.int64] = artifact.tensors(CODES)["codes"][store.get(subset).tensors(INDICES)["indices"]]
        return tuple(artifact.json(NAMES)), codes


def plan_attribute(column: str, images: RealImages, data_paths: DataPaths) -> ImageAttribute:
    """Return the recipe of an attribute, after a look at the table.

    Args:
        column: Name of the column, in any case.
        images: The split.
        data_paths: Where the dataset is.

    Raises:
        UsageError: If the dataset has no such column, or the column has too many values.
        Unavailable: If the dataset is not on this machine.
        BadData: If the table cannot be read.
    """
    source, values = read_attribute(images.dataset, column, data_paths)
    if (found := len({*values.values()})) > MOST_VALUES:
        raise UsageError(f"--groups {column}: {found} different values in {images.dataset}, at most {MOST_VALUES}")
    return ImageAttribute(images=images, column=column, table=table_id(source, values))


def read_attribute(dataset: str, column: str, data_paths: DataPaths) -> tuple[ImageFolder, dict[str, str]]:
    """Return the files of a dataset, and the value of each image that has one, by the name of the image.

    Raises:
        UsageError: If the dataset has no such column.
        Unavailable: If the dataset is not on this machine.
        BadData: If the table cannot be read.
    """
    source = find_dataset(dataset, data_paths).locate(data_paths)
    if not isinstance(source, ImageFolder):
        raise UsageError(f"--groups {column}: {dataset} has no metadata.csv")
    return source, source.attribute(column)


def table_id(source: ImageFolder, values: dict[str, str]) -> str:
    """Return a hash of the values by image, which does not depend on where the files are."""
    rows = sorted((name.removeprefix(source.where), value) for name, value in values.items())
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]

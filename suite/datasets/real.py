"""Recipes of real images: a decoded split of a dataset, and the subsets that a budget allows."""

from typing import TYPE_CHECKING, ClassVar, Literal

from suite.artifacts import BuildContext, CostEstimate, Store
from suite.artifacts.resources import DECODING, ResourceRequest
from suite.datasets.dataset import Split
from suite.images.image_set import IMAGES, ImageSet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from suite.images.labelled import LabelledImages

INDICES = "indices.safetensors"


class RealImages(ImageSet):
    """One split of a dataset, decoded to uint8 RGB of one size, in canonical order (label, hash of pixels).

    Images of another size are resized to ``size`` x ``size`` without keeping the aspect ratio, by Pillow's antialiased
    bicubic filter, the simplest interpretation of the paper's "resizing". Images of that size keep their pixels.

    Attributes:
        dataset: Name of the dataset.
        content: Content id; ``build`` refuses files with another content.
        split: The split of the dataset.
        size: Height and width in pixels.
        per_class: Images per class in the split.
    """

    step: ClassVar[str] = "real-images"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.datasets.real",
        "suite.datasets.index",
        "suite.datasets.decode",
        "suite.datasets.kept_pixels",
        "suite.datasets.split_images",
        "suite.datasets.splitting",
        "suite.images.resizing",
    )
    resources: ClassVar[ResourceRequest] = DECODING
    creates_pixels: ClassVar[bool] = False

    dataset: str
    content: str
    split: Split
    size: int
    per_class: tuple[int, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Images per class."""
        return self.per_class

    @property
    def label(self) -> str:
        """Dataset and split."""
        return f"{self.dataset} {self.split} images"

    def build(self, context: BuildContext) -> None:
        """Write the split as it was kept when its content was read, else decode, order and resize it.

        Raises:
            BadData: If the files changed since they were planned with, as ``read_split`` does.
        """
        import numpy as np

        from suite.datasets.content import CONTENTS, Content
        from suite.datasets.index import part_of_content
        from suite.datasets.locate import find_dataset
        from suite.datasets.split_images import read_split

        source = find_dataset(self.dataset, context.data_paths).locate(context.data_paths)
        found = read_split(
            source,
            self.split,
            part_of_content(self.content, self.split),
            size=self.size,
            cache=context.store.root / CONTENTS,
            model=Content,
            on_progress=lambda done, total: context.progress(done, sum(self.per_class) if source.divided else total),
        )
        context.write_tensors(
            IMAGES, {"images": np.stack(list(found.images)), "labels": found.labels, "groups": found.groups}
        )


class RealSubset(ImageSet):
    """A seeded, stratified subset of one split, with exact counts, that divides no group between parts.

    The split is shuffled once by ``seed``. Validation images are selected first and are never trained on. The images
    for training are the first ``per_class`` of the remaining ones in each class, so that the subset of a smaller budget
    is contained in that of a larger one.

    Attributes:
        images: The split to select from.
        part: ``fit`` (for training) and ``validation`` are disjoint parts of train; ``all`` selects from all images.
        validation: Largest number of validation images per class; whole groups are selected, so there may be fewer.
        per_class: Images per class to select. The validation part may have fewer.
        seed: Seed of the shuffle.
        left_out: Indices of images of the split that are never selected; for part ``all`` only.
    """

    step: ClassVar[str] = "real-subset"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.datasets.real", "suite.datasets.splitting", "suite.randomness")

    images: RealImages
    part: Literal["fit", "validation", "all"]
    validation: tuple[int, ...]
    per_class: tuple[int, ...]
    seed: int
    left_out: tuple[int, ...] = ()

    @property
    def counts(self) -> tuple[int, ...]:
        """Images per class."""
        return self.per_class

    @property
    def label(self) -> str:
        """Dataset, and part of its split."""
        return f"{self.images.dataset} {self.part} subset"

    @property
    def cost(self) -> CostEstimate:
        """Negligible: only indices are stored."""
        return CostEstimate()

    def open(self, store: Store) -> "LabelledImages":
        """Open the split and take the selected images."""
        return self.images.open(store).take(store.get(self).tensors(INDICES)["indices"])

    def groups(self, store: Store) -> "NDArray[np.int64]":
        """Return the group of each selected image, -1 for none: int64, (N,)."""
        groups = store.get(self.images).tensors(IMAGES)["groups"]
        selected: NDArray[np.int64] = groups[store.get(self).tensors(INDICES)["indices"]]
        return selected

    def shuffled(self, labels: "NDArray[np.int64]", groups: "NDArray[np.int64]") -> "NDArray[np.int64]":
        """Return the indices of all images of this part in shuffled order; the first of each class are selected.

        Args:
            labels: int64, (N,), of the images of the split.
            groups: int64, (N,), -1 for none.
        """
        import numpy as np

        from suite.datasets.splitting import split_validation
        from suite.randomness import numpy_generator

        quotas = (0,) * len(self.validation) if self.part == "all" else self.validation
        aside, rest = split_validation(labels, groups, quotas, numpy_generator(self.seed, "split"))
        chosen = aside if self.part == "validation" else rest
        return chosen[~np.isin(chosen, self.left_out)] if self.left_out else chosen

    def build(self, context: BuildContext) -> None:
        """Select the images.

        Raises:
            BadData: If a class has fewer images than requested.
        """
        import numpy as np

        from suite.errors import BadData

        tensors = context.artifact(self.images).tensors(IMAGES)
        labels = tensors["labels"]
        pool = self.shuffled(labels, tensors["groups"])
        selected = [pool[labels[pool] == label][:per_class] for label, per_class in enumerate(self.per_class)]
        for label, (indices, per_class) in enumerate(zip(selected, self.per_class, strict=True)):
            if len(indices) < per_class and not (self.part == "validation" and len(indices)):
                raise BadData(
                    f"{self.images.dataset} has {len(indices)} {self.part} images of class {label}, fewer than the "
                    f"requested {per_class}: request fewer images per class"
                )
        context.write_tensors(INDICES, {"indices": np.concatenate([np.sort(indices) for indices in selected])})

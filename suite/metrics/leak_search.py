"""The recipe that searches for copies of real images among synthetic images, and its results."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from suite.artifacts import BuildContext, CostEstimate, Recipe, Store
from suite.artifacts.resources import ARITHMETIC, ResourceRequest
from suite.compute import Compute
from suite.datasets.real import INDICES, RealSubset
from suite.images import ImageSet
from suite.images.image_set import CHANNELS

LEAKS = "leaks.json"
MATCHES = "matches.safetensors"
INDEX_BYTES = 8
THUMBNAIL_SIZE = CHANNELS * 4**2
VIEWS = 2 * 15  # crops and shifts, also mirrored


class LeakedImages(BaseModel):
    """How many test images have a copy in a synthetic set. Mirrored copies count.

    Attributes:
        exact: Evaluated test images whose pixels are those of a synthetic image.
        near: Further evaluated test images of which a synthetic image is a changed copy.
        test_images: Number of evaluated test images.
        not_evaluated: Test images with a copy of either kind on which classifiers are not tested.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    exact: int = Field(ge=0)
    near: int = Field(ge=0)
    test_images: int = Field(ge=0)
    not_evaluated: int = Field(default=0, ge=0)

    @property
    def found(self) -> int:
        """Evaluated test images with a copy of either kind."""
        return self.exact + self.near


class CopiedImages(BaseModel):
    """How many synthetic images are copies of training images, anywhere in the train split. Mirrored copies count.

    Attributes:
        exact: Synthetic images whose pixels are those of a training image.
        near: Further synthetic images that are changed copies of a training image; null if the train split is too
            small to say.
        synthetic_images: Number of synthetic images.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    exact: int = Field(ge=0)
    near: int | None = Field(ge=0)
    synthetic_images: int = Field(ge=0)

    @property
    def found(self) -> int:
        """Synthetic images that are copies of either kind."""
        return self.exact + (self.near or 0)

    @property
    def share(self) -> float:
        """Share of the synthetic images that are copies, 0 to 1."""
        return self.found / max(1, self.synthetic_images)


class FoundCopies(BaseModel):
    """The result of a search.

    Attributes:
        test: Copies of test images.
        train: Copies of training images.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    test: LeakedImages
    train: CopiedImages


class LeakSearch(Recipe):
    """Search for copies of test and of training images in a synthetic set, in the whole splits.

    A changed copy counts for the split with the closer image: some datasets have near duplicates in train and test, and
    a copy of a training image is then no leak.

    The payload is ``leaks.json``, a ``FoundCopies``; and ``matches.safetensors`` with the pairs that were found, int64:
    ``test``, index of the test image in ascending order, and ``test_synthetic``, index of its copy; ``synthetic``,
    index of the copy of a training image in ascending order, and ``train``, index of that image.

    Attributes:
        synthetic: The synthetic images.
        train: The whole train split, of the same size.
        test: The whole test split; the train split if classifiers are evaluated on a part of it.
        evaluation: The images of ``test`` that classifiers are tested on; None for all.
        compute: Number of threads.
    """

    step: ClassVar[str] = "leak-search"
    version: ClassVar[int] = 3
    code: ClassVar[tuple[str, ...]] = (
        "suite.metrics.leak_search",
        "suite.metrics.leaks",
        "suite.metrics.alignment",
        "suite.metrics.networks",
    )
    imports: ClassVar[tuple[str, ...]] = ("torch", "torch_fidelity")
    resources: ClassVar[ResourceRequest] = ARITHMETIC

    synthetic: ImageSet
    train: ImageSet
    test: ImageSet
    evaluation: RealSubset | None
    compute: Compute

    @property
    def label(self) -> str:
        """The synthetic set, for messages."""
        return f"search for copies in {self.synthetic.label}"

    @property
    def cost(self) -> CostEstimate:
        """Estimate of all pairs of thumbnails in every view."""
        if self.synthetic.counts is None or self.train.counts is None or self.test.counts is None:
            return CostEstimate(operations=None)
        count = sum(self.synthetic.counts)
        pairs = float(count) * (sum(self.train.counts) + sum(self.test.counts))
        return CostEstimate(operations=2 * VIEWS * THUMBNAIL_SIZE * pairs, payload=4 * INDEX_BYTES * count)

    def build(self, context: BuildContext) -> None:
        """Write how many copies were found, and which."""
        import numpy as np

        from suite.metrics.leaks import ABSENT, MIN_IMAGES, find_changed, find_equal
        from suite.metrics.pairwise import limit_blas_threads

        synthetic, train, test = (part.open(context.store).images for part in (self.synthetic, self.train, self.test))
        with limit_blas_threads(self.compute.threads):
            copies, leaks = find_changed(synthetic, train), find_changed(synthetic, test)
        equal_train, equal_test = find_equal(synthetic, train), find_equal(test, synthetic)

        is_leak = leaks.indices != ABSENT
        if self.test != self.train:
            is_leak &= leaks.distances < copies.distances
        near_train = np.where(is_leak & (self.test != self.train), ABSENT, copies.indices)
        sources = np.where(equal_train != ABSENT, equal_train, near_train)
        near_test = np.full(len(test), ABSENT, dtype=np.int64)
        near_test[leaks.indices[is_leak]] = np.flatnonzero(is_leak)
        matches = np.where(equal_test != ABSENT, equal_test, near_test)

        evaluated = np.ones(len(test), dtype=np.bool_)
        if self.evaluation is not None:
            evaluated[:] = False
            evaluated[context.artifact(self.evaluation).tensors(INDICES)["indices"]] = True
        exact, found = equal_test != ABSENT, matches != ABSENT
        result = FoundCopies(
            test=LeakedImages(
                exact=int((exact & evaluated).sum()),
                near=int((found & ~exact & evaluated).sum()),
                test_images=int(evaluated.sum()),
                not_evaluated=0 if self.test == self.train else int((found & ~evaluated).sum()),
            ),
            train=CopiedImages(
                exact=int((equal_train != ABSENT).sum()),
                near=int(((sources != ABSENT) & (equal_train == ABSENT)).sum()) if len(train) >= MIN_IMAGES else None,
                synthetic_images=len(synthetic),
            ),
        )
        context.write_json(LEAKS, result.model_dump(mode="json"))
        copied, leaked = np.flatnonzero(sources != ABSENT), np.flatnonzero(found)
        tensors = {"test": leaked, "test_synthetic": matches[leaked], "synthetic": copied, "train": sources[copied]}
        context.write_tensors(MATCHES, tensors)

    def read(self, store: Store) -> FoundCopies:
        """Read how many copies were found.

        Raises:
            BadArtifact: If the artifact is missing or damaged.
        """
        return FoundCopies.model_validate(store.get(self).json(LEAKS))

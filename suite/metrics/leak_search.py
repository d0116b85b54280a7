"""The recipe that searches for test images among synthetic images, and its result."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from suite.artifacts import BuildContext, CostEstimate, Recipe, Store
from suite.artifacts.resources import ARITHMETIC, ResourceRequest
from suite.compute import Compute
from suite.images import ImageSet
from suite.images.image_set import CHANNELS
from suite.metrics.recipes import FEATURES, THUMBNAIL, Features, plan_features

LEAKS = "leaks.json"
MATCHES = "matches.safetensors"
INDEX_BYTES = 8


class LeakedImages(BaseModel):
    """How many test images have a copy in a synthetic set. Mirrored copies count.

    Attributes:
        exact: Test images whose pixels are those of a synthetic image.
        near: Further test images to which a synthetic image is so similar that it is a changed copy.
        test_images: Number of test images.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    exact: int = Field(ge=0)
    near: int = Field(ge=0)
    test_images: int = Field(ge=0)

    @property
    def found(self) -> int:
        """Test images with a copy of either kind."""
        return self.exact + self.near


class LeakSearch(Recipe):
    """Search for every test image in a synthetic set, by pixels and by features.

    The payload is ``leaks.json``, a ``LeakedImages``; and ``matches.safetensors`` with the test images that were found:
    ``test`` (int64, ascending), the index of the test image, and ``synthetic`` (int64), the index of its copy.

    Attributes:
        synthetic: The synthetic images.
        test: The test images, of the same size.
        side: Height and width of the thumbnails by which candidates are found.
        features: Features of the synthetic and of the test images; None to compare pixels only.
        compute: Number of threads.
    """

    step: ClassVar[str] = "leak-search"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.metrics.leak_search", "suite.metrics.leaks", "suite.metrics.networks")
    imports: ClassVar[tuple[str, ...]] = ("torch", "torch_fidelity")
    resources: ClassVar[ResourceRequest] = ARITHMETIC

    synthetic: ImageSet
    test: ImageSet
    side: Annotated[int, Field(ge=1)]
    features: tuple[Features, Features] | None
    compute: Compute

    @property
    def label(self) -> str:
        """The synthetic set, for messages."""
        return f"search for test images in {self.synthetic.label}"

    @property
    def cost(self) -> CostEstimate:
        """Estimate of all pairs of thumbnails, also mirrored, and of all pairs of features."""
        if self.synthetic.counts is None or self.test.counts is None:
            return CostEstimate(operations=None)
        count, test_count = sum(self.synthetic.counts), sum(self.test.counts)
        pairs = 2.0 * test_count * count * 2 * CHANNELS * self.side**2
        if self.features is not None:
            pairs += 2.0 * test_count * (count + test_count) * self.features[0].dimension
        return CostEstimate(operations=pairs, payload=2 * INDEX_BYTES * min(count, test_count))

    def build(self, context: BuildContext) -> None:
        """Write how many test images were found, and which."""
        import numpy as np

        from suite.metrics.leaks import ABSENT, find_close, find_equal, find_similar
        from suite.metrics.pairwise import limit_blas_threads

        synthetic, test = (images.open(context.store).images for images in (self.synthetic, self.test))
        with limit_blas_threads(self.compute.threads):
            searches = [find_equal(synthetic, test), find_similar(synthetic, test, self.side)]
            if self.features is not None:
                searches.append(
                    find_close(*(context.artifact(part).tensors(FEATURES)["features"] for part in self.features))
                )
        matches = searches[0]
        for search in searches[1:]:
            matches = np.where(matches == ABSENT, search, matches)
        exact, found = (np.flatnonzero(indices != ABSENT) for indices in (searches[0], matches))
        leaked = LeakedImages(exact=len(exact), near=len(found) - len(exact), test_images=len(test))
        context.write_json(LEAKS, leaked.model_dump(mode="json"))
        context.write_tensors(MATCHES, {"test": found, "synthetic": matches[found]})

    def read(self, store: Store) -> LeakedImages:
        """Read how many test images were found.

        Raises:
            BadArtifact: If the artifact is missing or damaged.
        """
        return LeakedImages.model_validate(store.get(self).json(LEAKS))


def plan_leak_search(
    synthetic: ImageSet, test: ImageSet, compute: Compute, *, size: int, extractor: tuple[str, int] | None
) -> LeakSearch:
    """Return the recipe of the search for test images in a synthetic set.

    Args:
        synthetic: The set to search in.
        test: The images that must not be in it: those that classifiers are tested on.
        compute: Precision, memory format and threads.
        size: Height and width of both in pixels; candidates are found by thumbnails of at most 16.
        extractor: Name and input size of an extractor whose features of the synthetic set are computed anyway, so that
            only those of the test images are an extra pass; None to compare pixels only.

    Raises:
        UsageError: If there is no such extractor.
    """
    features = None
    if extractor is not None:
        name, side = extractor
        features = (plan_features(synthetic, name, compute, side), plan_features(test, name, compute, side))
    return LeakSearch(synthetic=synthetic, test=test, side=min(size, THUMBNAIL), features=features, compute=compute)

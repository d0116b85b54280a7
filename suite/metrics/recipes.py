"""The recipes of features, of a reference's statistics, and of the metrics of one synthetic set."""

from typing import Annotated, ClassVar

from pydantic import Field

from suite.artifacts import BuildContext, CostEstimate, DataPaths, Download, Recipe
from suite.artifacts.resources import ARITHMETIC, INFERENCE, ResourceRequest
from suite.compute import Compute
from suite.flops import FLOAT32
from suite.images import ImageSet
from suite.metrics.extractors.extractor import extractors
from suite.metrics.fidelity.metric import metrics

FEATURES = "features.safetensors"
STATISTICS = "statistics.safetensors"
METRICS = "metrics.json"
NEIGHBOURS = "neighbours.safetensors"
THUMBNAIL = 16
FLOAT64 = 8
STEM = 64  # channels of the largest output, at half the side; what an extractor's forward pass holds is estimated by it


class Features(Recipe):
    """What an extractor sees in a set of images: the one pass that feeds every metric of that set.

    The payload is ``features.safetensors``: ``features`` float32 (N, D), ``logits`` float32 (N, K), ``labels``
    int64 (N,). While it is made, memory holds the images and 4 (D + K) bytes an image, twice while it is written.

    Attributes:
        images: The set.
        extractor: Name of a registered extractor.
        weights: Id of its weights.
        side: Height and width in pixels at which it looks.
        batch_size: Images a forward pass; the last batch is filled up to it.
        compute: How to compute.
    """

    step: ClassVar[str] = "features"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.metrics.feature_pass",
        "suite.metrics.networks",
        "suite.metrics.extractors.clip",
        "suite.metrics.extractors.dinov2",
        "suite.metrics.extractors.efficientnet_lite0",
        "suite.metrics.extractors.inception_v3_compat",
        "suite.metrics.extractors.pixels",
    )
    imports: ClassVar[tuple[str, ...]] = ("torch", "timm", "torch_fidelity")
    resources: ClassVar[ResourceRequest] = INFERENCE

    images: ImageSet
    extractor: str
    weights: str
    side: Annotated[int, Field(ge=1)]
    batch_size: Annotated[int, Field(ge=1)] = 32
    compute: Compute

    @property
    def label(self) -> str:
        """Extractor and image set."""
        return f"{self.extractor} features of {self.images.label}"

    @property
    def dimension(self) -> int:
        """Number D of features an image."""
        return extractors.get(self.extractor).features or 3 * self.side**2

    @property
    def cost(self) -> CostEstimate:
        """Estimate one forward pass an image."""
        plugin, counts = extractors.get(self.extractor), self.images.counts
        if plugin.operations is None or counts is None:
            return CostEstimate(operations=None)
        return CostEstimate(
            operations=sum(counts) * plugin.operations * (self.side / plugin.side) ** 2,
            payload=sum(counts) * (FLOAT32 * (self.dimension + plugin.classes) + 8),
            memory=(plugin.bytes or 0) + FLOAT32 * 4 * self.batch_size * STEM * (self.side // 2) ** 2,
        )

    def downloads(self, data_paths: DataPaths) -> tuple[Download, ...]:
        """Return the extractor's weights, unless they are here."""
        return extractors.get(self.extractor).downloads(data_paths)

    def build(self, context: BuildContext) -> None:
        """Look at every image once, in the order of the set.

        Raises:
            Unavailable: If the extractor's weights are not on this machine.
        """
        from suite.metrics.feature_pass import extract

        extract(self, context)


class FeatureStatistics(Recipe):
    """What every comparison of one set with another needs of that set alone, computed once.

    The payload is ``statistics.safetensors``: ``mean`` float64 (D,); ``root`` float64 (min(N, D), D), a root of the
    unbiased covariance; ``radii`` float32 (N, 5), distances of each image to its nearest others; ``kernel`` float64
    (N,), its mean kernel with the others.

    Attributes:
        features: Features of the set.
        compute: How to compute.
    """

    step: ClassVar[str] = "feature-statistics"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.metrics.set_comparison", "suite.metrics.frechet", "suite.metrics.pairs")
    imports: ClassVar[tuple[str, ...]] = ("torch",)
    finite: ClassVar[bool] = False  # an image with too few others has no nearest one
    resources: ClassVar[ResourceRequest] = ARITHMETIC

    features: Features
    compute: Compute

    @property
    def label(self) -> str:
        """Whose statistics."""
        return f"statistics of {self.features.label}"

    @property
    def cost(self) -> CostEstimate:
        """Estimate the distances of all pairs, and the decomposition of the features."""
        if self.features.images.counts is None:
            return CostEstimate(operations=None)
        count, dimension = sum(self.features.images.counts), self.features.dimension
        rank = min(count, dimension)
        return CostEstimate(
            operations=float(count) ** 2 * dimension + 4.0 * count * dimension * rank,
            payload=FLOAT64 * (dimension + rank * dimension + count) + FLOAT32 * 5 * count,
        )

    def build(self, context: BuildContext) -> None:
        """Summarise the features."""
        from suite.metrics.set_comparison import summarise

        summarise(self, context)


class Fidelity(Recipe):
    """Every metric of one synthetic set against one reference, in one feature space.

    The payload is ``metrics.json``: metric id to a ``suite.metrics.fidelity.metric.Measurement``; and
    ``neighbours.safetensors``: ``index`` (int64) of the reference image nearest to each synthetic one, and ``distance``
    (float32) to it.

    Attributes:
        synthetic: Statistics of the synthetic images.
        reference: Statistics of the reference, in the same space.
        split: What the reference is to the generator: ``train`` for the images it saw, ``test`` for those it must
            not have seen.
        natural: Whether ImageNet's classes mean anything for these images.
        metrics: Name and version of each metric to compute.
        seed: Seed of everything that is drawn.
        compute: How to compute.
    """

    step: ClassVar[str] = "fidelity"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.metrics.set_comparison",
        "suite.metrics.pairs",
        "suite.metrics.frechet",
        "suite.metrics.inception_score",
        "suite.metrics.kernel_distance",
        "suite.metrics.two_sample",
        "suite.metrics.names",
        "suite.metrics.fidelity.copying",
        "suite.metrics.fidelity.extrapolated",
        "suite.metrics.fidelity.frechet",
        "suite.metrics.fidelity.inception_score",
        "suite.metrics.fidelity.kernel_distance",
        "suite.metrics.fidelity.manifold",
        "suite.metrics.fidelity.per_class",
        "suite.metrics.fidelity.two_sample",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = ("torch", "torch_fidelity", "sklearn.linear_model")
    resources: ClassVar[ResourceRequest] = ARITHMETIC

    synthetic: FeatureStatistics
    reference: FeatureStatistics
    split: str = "train"
    natural: bool
    metrics: tuple[tuple[str, int], ...]
    seed: int
    compute: Compute

    @property
    def label(self) -> str:
        """Whose metrics."""
        return f"metrics of {self.synthetic.features.images.label}"

    @property
    def cost(self) -> CostEstimate:
        """Estimate the distances of all pairs; what the metrics add to them is small beside it."""
        sides = [side.features.images.counts for side in (self.synthetic, self.reference)]
        if None in sides:
            return CostEstimate(operations=None)
        one, other = (sum(counts or ()) for counts in sides)
        return CostEstimate(operations=2.0 * one * other * self.synthetic.features.dimension, payload=12 * one)

    def build(self, context: BuildContext) -> None:
        """Measure."""
        from suite.metrics.set_comparison import measure

        measure(self, context)


def plan_features(images: ImageSet, extractor: str, compute: Compute, side: int | None = None) -> Features:
    """Return the recipe of a set's features.

    Args:
        images: The set.
        extractor: Name of a registered extractor.
        compute: How to compute.
        side: Input height and width in pixels; None takes the extractor's own.

    Raises:
        UsageError: If there is no such extractor.
    """
    plugin = extractors.get(extractor)
    return Features(
        images=images, extractor=extractor, weights=plugin.weights, side=side or plugin.side, compute=compute
    )


def plan_fidelity(
    synthetic: ImageSet,
    reference: ImageSet,
    extractor: str,
    compute: Compute,
    *,
    natural: bool,
    seed: int = 0,
    split: str = "train",
    side: int | None = None,
    only: tuple[str, ...] | None = None,
) -> Fidelity:
    """Return the recipe of a synthetic set's metrics, with the recipes it needs.

    Args:
        synthetic: What is measured.
        reference: What it is measured against: the very images the generator learnt from, or images held back.
        extractor: Name of a registered extractor.
        compute: How to compute.
        natural: The dataset card's ``natural``.
        seed: Seed of everything that is drawn.
        split: What the reference is to the generator, for the metrics' ids.
        side: Input height and width in pixels; None takes the extractor's own.
        only: Names of the metrics wanted; None takes every registered one.

    Raises:
        UsageError: If there is no such extractor or metric.
    """
    measured, against = (
        FeatureStatistics(features=plan_features(images, extractor, compute, side), compute=compute)
        for images in (synthetic, reference)
    )
    return Fidelity(
        synthetic=measured,
        reference=against,
        split=split,
        natural=natural,
        metrics=tuple((name, metrics.get(name).version) for name in (metrics if only is None else only)),
        seed=seed,
        compute=compute,
    )


def plan_copying(
    synthetic: ImageSet, reference: ImageSet, compute: Compute, *, size: int, split: str = "train"
) -> Fidelity:
    """Return the recipe of the search for copies among the pixels themselves.

    Args:
        synthetic: What is searched.
        reference: The very images the generator learnt from, or those it must not have seen.
        compute: How to compute.
        size: Height and width of the images; larger ones are compared as thumbnails.
        split: Which of the two, ``train`` or ``test``, for the metrics' ids.
    """
    side = min(size, THUMBNAIL)
    return plan_fidelity(
        synthetic, reference, "pixels", compute, natural=False, side=side, split=split, only=("copying",)
    )

"""Recipes of the features of an image set, of their statistics, and of the metrics of a synthetic set."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from suite.artifacts import BuildContext, CostEstimate, DataPaths, Download, Recipe, Store
from suite.artifacts.resources import ARITHMETIC, INFERENCE, ResourceRequest
from suite.compute import Compute
from suite.flops import FLOAT32
from suite.images import ImageSet
from suite.metrics.extractors.extractor import extractors
from suite.metrics.feature_space import FeatureSpace
from suite.metrics.fidelity.metric import metrics

if TYPE_CHECKING:
    from suite.metrics.set_comparison import FeatureSet, SetComparison

FEATURES = "features.safetensors"
STATISTICS = "statistics.safetensors"
METRICS = "metrics.json"
NEIGHBOURS = "neighbours.safetensors"
THUMBNAIL = 16
FLOAT64 = 8
STEM_CHANNELS = 64  # of the largest activation, at half the input size; for the memory estimate of a forward pass


class Features(Recipe):
    """Features and logits of an image set, computed once for all metrics of the set.

    The payload is ``features.safetensors``: ``features`` float32 (N, D), ``logits`` float32 (N, K), ``labels``
    int64 (N,). The build needs memory for the images and 4 (D + K) bytes per image, twice that while it writes.

    Attributes:
        images: The image set.
        extractor: Name of a registered extractor.
        weights: Id of its weights.
        side: Input height and width in pixels.
        batch_size: Images per forward pass; the last batch is padded to it.
        compute: Precision, memory format and threads.
    """

    step: ClassVar[str] = "features"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.metrics.feature_pass",
        "suite.metrics.networks",
        "suite.metrics.extractors.clip",
        "suite.metrics.extractors.dinov2",
        "suite.metrics.extractors.efficientnet_lite",
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
        """Extractor and image set, for messages."""
        return f"{self.extractor} features of {self.images.label}"

    @property
    def dimension(self) -> int:
        """Number D of features per image."""
        return extractors.get(self.extractor).features or 3 * self.side**2

    @property
    def space(self) -> FeatureSpace:
        """The feature space; ``literature`` only at the extractor's default input size."""
        extractor = extractors.get(self.extractor)
        return FeatureSpace(
            extractor=extractor.name,
            title=extractor.title,
            weights=self.weights,
            resize=extractor.resize,
            side=self.side,
            literature=extractor.literature and self.side == extractor.side,
        )

    @property
    def cost(self) -> CostEstimate:
        """Estimate of one forward pass per image."""
        extractor, counts = extractors.get(self.extractor), self.images.counts
        if extractor.operations is None or counts is None:
            return CostEstimate(operations=None)
        return CostEstimate(
            operations=sum(counts) * extractor.operations * (self.side / extractor.side) ** 2,
            payload=sum(counts) * (FLOAT32 * (self.dimension + extractor.classes) + 8),
            memory=(extractor.bytes or 0) + FLOAT32 * 4 * self.batch_size * STEM_CHANNELS * (self.side // 2) ** 2,
        )

    def downloads(self, data_paths: DataPaths) -> tuple[Download, ...]:
        """Return the extractor's weights if they are not on this machine."""
        return extractors.get(self.extractor).downloads(data_paths)

    def build(self, context: BuildContext) -> None:
        """Write features, logits and labels of every image, in the order of the set.

        Raises:
            Unavailable: If the extractor's weights are not on this machine.
        """
        from suite.metrics.feature_pass import extract_features

        data = self.images.open(context.store)
        network = extractors.get(self.extractor).load(self.side, context.device, context.data_paths)
        features, logits = extract_features(
            data.images,
            self.compute.format(network),
            batch_size=self.batch_size,
            compute=self.compute,
            device=context.device,
            progress=context.progress,
        )
        context.write_tensors(FEATURES, {"features": features, "logits": logits, "labels": data.labels})


class FeatureStatistics(Recipe):
    """Statistics of one image set that every comparison with another set needs, computed once.

    The payload is ``statistics.safetensors``: ``mean`` float64 (D,); ``root`` float64 (min(N, D), D), a root of the
    unbiased covariance; ``radii`` float32 (N, 5), distances from each image to its nearest other images; ``kernel``
    float64 (N,), mean kernel of each image with the other images.

    Attributes:
        features: Features of the set.
        compute: Number of threads.
    """

    step: ClassVar[str] = "feature-statistics"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.metrics.frechet", "suite.metrics.pairwise")
    imports: ClassVar[tuple[str, ...]] = ("torch",)
    finite: ClassVar[bool] = False  # radii are infinite where the set has too few images
    resources: ClassVar[ResourceRequest] = ARITHMETIC

    features: Features
    compute: Compute

    @property
    def label(self) -> str:
        """Extractor and image set, for messages."""
        return f"statistics of {self.features.label}"

    @property
    def cost(self) -> CostEstimate:
        """Estimate of all pairwise distances and the decomposition of the features."""
        if self.features.images.counts is None:
            return CostEstimate(operations=None)
        count, dimension = sum(self.features.images.counts), self.features.dimension
        rank = min(count, dimension)
        return CostEstimate(
            operations=float(count) ** 2 * dimension + 4.0 * count * dimension * rank,
            payload=FLOAT64 * (dimension + rank * dimension + count) + FLOAT32 * 5 * count,
        )

    def build(self, context: BuildContext) -> None:
        """Write mean, covariance root, radii and mean kernels of the features."""
        from suite.metrics.frechet import fit_gaussian
        from suite.metrics.pairwise import limit_blas_threads, pairwise_within

        features = context.artifact(self.features).tensors(FEATURES)["features"]
        with limit_blas_threads(self.compute.threads):
            gaussian, pairwise = fit_gaussian(features), pairwise_within(features)
        context.write_tensors(
            STATISTICS,
            {
                "mean": gaussian.mean,
                "root": gaussian.root,
                "radii": pairwise.radii,
                "kernel": pairwise.mean_kernel,
            },
        )

    def open(self, store: Store) -> "FeatureSet":
        """Read the features and their statistics.

        Raises:
            BadArtifact: If one of the two artifacts is missing or damaged.
        """
        from suite.metrics.frechet import Gaussian
        from suite.metrics.pairwise import PairwiseWithin
        from suite.metrics.set_comparison import FeatureSet

        features = store.get(self.features).tensors(FEATURES)
        statistics = store.get(self).tensors(STATISTICS)
        return FeatureSet(
            **features,
            gaussian=Gaussian(statistics["mean"], statistics["root"]),
            pairwise=PairwiseWithin(statistics["radii"], statistics["kernel"]),
        )


class Fidelity(Recipe):
    """All metrics of one synthetic set relative to one reference, in one feature space.

    The payload is ``metrics.json``, which maps each metric id to a ``suite.metrics.measurement.Measurement``; and
    ``neighbours.safetensors`` with the reference image nearest to each synthetic image: ``index`` (int64) and
    ``distance`` (float32).

    Attributes:
        synthetic: Statistics of the synthetic images.
        reference: Statistics of the reference images, in the same feature space.
        split: Role of the reference: ``train`` for the generator's training images, ``test`` for images that it must
            not have been trained on.
        natural: Whether ImageNet classes are meaningful for these images.
        metrics: Name and version of each metric to compute.
        seed: Seed of all random numbers.
        compute: Number of threads.
    """

    step: ClassVar[str] = "fidelity"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.metrics.set_comparison",
        "suite.metrics.measurement",
        "suite.metrics.feature_space",
        "suite.metrics.pairwise",
        "suite.metrics.frechet",
        "suite.metrics.inception_score",
        "suite.metrics.kernel_distance",
        "suite.metrics.two_sample",
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
        """The synthetic set, for messages."""
        return f"metrics of {self.synthetic.features.images.label}"

    @property
    def cost(self) -> CostEstimate:
        """Estimate of all pairwise distances, which dominate the cost of the metrics."""
        counts = [statistics.features.images.counts for statistics in (self.synthetic, self.reference)]
        if None in counts:
            return CostEstimate(operations=None)
        n, reference_n = (sum(per_class or ()) for per_class in counts)
        return CostEstimate(operations=2.0 * n * reference_n * self.synthetic.features.dimension, payload=12 * n)

    def build(self, context: BuildContext) -> None:
        """Write the measurements of every metric, and the nearest reference images."""
        from suite.metrics.pairwise import limit_blas_threads

        comparison = self.comparison(context.store)
        measurements = {}
        with limit_blas_threads(self.compute.threads):
            for done, (name, _) in enumerate(self.metrics, start=1):
                for measurement in metrics.get(name).measure(comparison):
                    measurements[measurement.id] = measurement.model_dump(mode="json", exclude={"id"})
                context.progress(done, len(self.metrics))
            pairwise = comparison.pairwise
        context.write_json(METRICS, measurements)
        context.write_tensors(NEIGHBOURS, {"index": pairwise.nearest, "distance": pairwise.nearest_distance})

    def comparison(self, store: Store) -> "SetComparison":
        """Read both sets as the input of ``Metric.measure``.

        Raises:
            BadArtifact: If an artifact of features or statistics is missing or damaged.
        """
        from suite.metrics.set_comparison import SetComparison

        space = self.synthetic.features.space
        return SetComparison(
            synthetic=self.synthetic.open(store),
            reference=self.reference.open(store),
            space=space,
            split=self.split,
            natural=self.natural,
            classes=extractors.get(space.extractor).classes,
            seed=self.seed,
        )


def plan_features(images: ImageSet, extractor: str, compute: Compute, side: int | None = None) -> Features:
    """Return the recipe of the features of an image set.

    Args:
        images: The image set.
        extractor: Name of a registered extractor.
        compute: Precision, memory format and threads.
        side: Input height and width in pixels; None for the extractor's default.

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
    """Return the recipe of the metrics of a synthetic set, with the recipes it depends on.

    Args:
        synthetic: The set to measure.
        reference: The set to compare it with: exactly the generator's training images, or held-out images.
        extractor: Name of a registered extractor.
        compute: Precision, memory format and threads.
        natural: The ``natural`` field of the dataset card.
        seed: Seed of all random numbers.
        split: Role of the reference, for the metric ids: ``train`` or ``test``.
        side: Input height and width in pixels; None for the extractor's default.
        only: Names of the metrics to compute; None for all registered metrics.

    Raises:
        UsageError: If there is no such extractor or metric.
    """
    synthetic_statistics, reference_statistics = (
        FeatureStatistics(features=plan_features(images, extractor, compute, side), compute=compute)
        for images in (synthetic, reference)
    )
    return Fidelity(
        synthetic=synthetic_statistics,
        reference=reference_statistics,
        split=split,
        natural=natural,
        metrics=tuple((name, metrics.get(name).version) for name in (metrics if only is None else only)),
        seed=seed,
        compute=compute,
    )


def plan_copying(
    synthetic: ImageSet, reference: ImageSet, compute: Compute, *, size: int, split: str = "train"
) -> Fidelity:
    """Return the recipe of the copying metrics in pixel space.

    Args:
        synthetic: The set to search for copies.
        reference: Exactly the generator's training images, or images that it must not have been trained on.
        compute: Precision, memory format and threads.
        size: Height and width of the images; images larger than 16 pixels are compared as thumbnails.
        split: ``train`` or ``test``: which of the two the reference is, for the metric ids.
    """
    side = min(size, THUMBNAIL)
    return plan_fidelity(
        synthetic, reference, "pixels", compute, natural=False, side=side, split=split, only=("copying",)
    )

"""The recipe of the influence of synthetic images on the validation loss of a linear probe."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from suite.artifacts import BuildContext, CostEstimate, Recipe, Store
from suite.artifacts.resources import ARITHMETIC, ResourceRequest
from suite.classifiers.linear_probe import LinearProbeSettings
from suite.compute import Compute
from suite.metrics.recipes import FEATURES, Features

INFLUENCE = "influence.safetensors"
SUMMARY = "influence.json"
PASSES = 100  # over the training features in each fold: the fit and the linear system

_PROBE = LinearProbeSettings()


class InfluenceSummary(BaseModel):
    """Summary of an influence.

    Attributes:
        real_images: Real training images whose loss is followed; each is held out once.
        agreement: Mean rank correlation of the influences on two folds; null if it is not defined. Far below 1, the
            order of single images is mostly noise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    real_images: int
    agreement: float | None


class InfluenceSettings(BaseModel):
    """Settings of the probe whose loss is followed.

    Attributes:
        strength: Inverse L2 strength, the smallest of the linear probe by default: at larger ones, influences on
            different real images hardly agree (rank correlation 0.1 at 0.003, 0.6 at 0.0001 on digits).
        folds: Folds of the real training images.
        max_iterations: Most iterations of the solver.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    strength: float = min(_PROBE.strengths)
    folds: Annotated[int, Field(ge=2)] = 5
    max_iterations: int = _PROBE.max_iterations


class Influence(Recipe):
    """By how much each synthetic image lowers the loss of a linear probe on held-out real images.

    The real training images are held out in turn, a fold at a time; the probe is fitted to the others and to all
    synthetic images. The influence of an image is the rise of the mean log loss over the held-out images, in nats, if
    the probe were fitted without it, to first order (``suite.classifiers.influence_functions``).

    Neither validation nor test images are used. If the generator was trained on the same real images, copies of them
    have a positive influence.

    The payload is ``influence.safetensors`` (``influence`` float64 (N,)) and ``influence.json``, an
    ``InfluenceSummary``.

    Attributes:
        synthetic: Features of the synthetic images.
        real: Features of the real training images, in the same feature space; at least two images.
        settings: Settings of the probe.
        seed: Seed of the folds.
        compute: Number of threads.
    """

    step: ClassVar[str] = "influence"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.classifiers.influence",
        "suite.classifiers.influence_functions",
        "suite.classifiers.logistic_regression",
        "suite.randomness",
    )
    imports: ClassVar[tuple[str, ...]] = ("sklearn.linear_model", "scipy.sparse.linalg")
    resources: ClassVar[ResourceRequest] = ARITHMETIC

    synthetic: Features
    real: Features
    settings: InfluenceSettings = InfluenceSettings()
    seed: int = 0
    compute: Compute

    @property
    def label(self) -> str:
        """The synthetic set, for messages."""
        return f"influence of {self.synthetic.images.label}"

    @property
    def cost(self) -> CostEstimate:
        """Estimate of the products of features and coefficients."""
        counts = self.synthetic.images.counts, self.real.images.counts
        if counts[0] is None or counts[1] is None:
            return CostEstimate(operations=None)
        values = self.real.dimension * len(counts[1])
        return CostEstimate(
            operations=4.0 * PASSES * (sum(counts[0]) + sum(counts[1])) * values, payload=8 * sum(counts[0])
        )

    def build(self, context: BuildContext) -> None:
        """Fit the probe and write the influence of every synthetic image, in the order of the set."""
        from suite.classifiers.influence_functions import cross_fitted_influence, mean_rank_correlation
        from suite.metrics.pairwise import limit_blas_threads

        synthetic, real = (
            (tensors["features"], tensors["labels"])
            for tensors in (context.artifact(features).tensors(FEATURES) for features in (self.synthetic, self.real))
        )
        settings = self.settings
        with limit_blas_threads(self.compute.threads):
            found = cross_fitted_influence(
                synthetic,
                real,
                settings.strength,
                folds=settings.folds,
                max_iterations=settings.max_iterations,
                seed=self.seed,
            )
        context.write_tensors(INFLUENCE, {"influence": found.sum(axis=0)})
        summary = InfluenceSummary(real_images=len(real[1]), agreement=mean_rank_correlation(found))
        context.write_json(SUMMARY, summary.model_dump(mode="json"))

    def read(self, store: Store) -> InfluenceSummary:
        """Read the summary; raises BadArtifact if it is missing or damaged."""
        return InfluenceSummary.model_validate(store.get(self).json(SUMMARY))

"""The recipe of the influence of synthetic images on the validation loss of a linear probe."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from suite.artifacts import BuildContext, CostEstimate, Recipe, Store
from suite.artifacts.resources import ARITHMETIC, ResourceRequest
from suite.classifiers.linear_probe import LinearProbeSettings
from suite.compute import Compute
from suite.metrics.recipes import FEATURES, Features

INFLUENCE = "influence.safetensors"
SUMMARY = "influence.json"
PASSES = 300  # over the training features: the fit and the linear system

_PROBE = LinearProbeSettings()


class InfluenceSettings(BaseModel):
    """Settings of the probe whose loss is followed. The defaults are those of the linear probe.

    Attributes:
        strength: Inverse L2 strength; it is not tuned.
        validation: Share of each class of the real training images, rounded down, that is held out for the loss.
        max_iterations: Most iterations of the solver.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    strength: float = _PROBE.default_strength
    validation: float = _PROBE.validation
    max_iterations: int = _PROBE.max_iterations


class Influence(Recipe):
    """By how much each synthetic image lowers the loss of a linear probe on held-out real images.

    A part of the real training images is held out; the probe is fitted to the others and to all synthetic images. The
    influence of an image is the rise of the mean log loss on the held-out images, in nats, if the probe were fitted
    without the image, to first order (``suite.classifiers.influence_functions``).

    Neither validation nor test images are used. If the generator was trained on the held-out images, copies of them
    have a positive influence.

    The payload is ``influence.safetensors`` (``influence`` float64 (N,), empty if no class has enough real images to
    hold one out) and ``influence.json`` (``held_out``, ``fitted``: numbers of real images).

    Attributes:
        synthetic: Features of the synthetic images.
        real: Features of the real training images, in the same feature space.
        settings: Settings of the probe.
        seed: Seed of the choice of the held-out images.
        compute: Number of threads.
    """

    step: ClassVar[str] = "influence"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.classifiers.influence",
        "suite.classifiers.influence_functions",
        "suite.classifiers.logistic_regression",
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
        import numpy as np

        from suite.classifiers.influence_functions import influence
        from suite.classifiers.logistic_regression import fit, hold_out
        from suite.metrics.pairwise import limit_blas_threads

        (synthetic, labels), (real, real_labels) = (
            (tensors["features"], tensors["labels"])
            for tensors in (context.artifact(features).tensors(FEATURES) for features in (self.synthetic, self.real))
        )
        settings = self.settings
        held_out = hold_out(real_labels, settings.validation, self.seed)
        found = np.zeros(0)
        if held_out.any():
            train = np.concatenate([real[~held_out], synthetic]), np.concatenate([real_labels[~held_out], labels])
            validation = real[held_out], real_labels[held_out]
            with limit_blas_threads(self.compute.threads):
                probe = fit(*train, settings.strength, balanced=False, max_iterations=settings.max_iterations)
                found = influence(probe, settings.strength, train, validation, (synthetic, labels))
        context.write_tensors(INFLUENCE, {"influence": found})
        context.write_json(SUMMARY, {"held_out": int(held_out.sum()), "fitted": int((~held_out).sum())})

    def read_held_out(self, store: Store) -> int:
        """Read the number of held-out images; raises BadArtifact if it is missing or damaged."""
        return int(store.get(self).json(SUMMARY)["held_out"])

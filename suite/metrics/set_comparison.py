"""A synthetic set beside its reference, as every metric sees them, and the builds that make and use it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from suite.artifacts import BuildContext, Store
from suite.compute import Compute
from suite.metrics import pairs
from suite.metrics.extractors.extractor import extractors
from suite.metrics.fidelity.metric import Measurement, metrics
from suite.metrics.frechet import Gaussian, frechet_distance, gaussian
from suite.metrics.names import Space, metric_id
from suite.metrics.recipes import FEATURES, METRICS, NEIGHBOURS, STATISTICS, Features, FeatureStatistics, Fidelity


@dataclass(frozen=True)
class Side:
    """One of the two sets that are compared: N images in a feature space of D dimensions.

    Attributes:
        features: float32, (N, D).
        logits: float32, (N, K).
        labels: int64, (N,).
        gaussian: Mean and covariance of the features.
        within: Distances and kernels inside the set.
    """

    features: NDArray[np.float32]
    logits: NDArray[np.float32]
    labels: NDArray[np.int64]
    gaussian: Gaussian
    within: pairs.Within

    def __len__(self) -> int:
        return len(self.features)


class SetComparison:
    """What a metric may look at.

    Attributes:
        synthetic: The set that is measured.
        reference: What it is measured against.
        space: The feature space of both.
        split: What the reference is to the generator: ``train``, ``validation``.
        natural: Whether ImageNet's classes mean anything for these images.
        classes: How many classes the extractor's logits know; 0 for none.
        seed: Seed of everything that is drawn.
    """

    def __init__(self, recipe: Fidelity, store: Store) -> None:
        self.synthetic = read_side(recipe.synthetic, store)
        self.reference = read_side(recipe.reference, store)
        self.space = space(recipe.synthetic.features)
        self.split = recipe.split
        self.natural = recipe.natural
        self.classes = extractors.get(self.space.extractor).classes
        self.seed = recipe.seed

    @cached_property
    def between(self) -> pairs.Between:
        """Distances and kernels between the two sets."""
        return pairs.between(
            self.synthetic.features, self.reference.features, self.synthetic.within, self.reference.within
        )

    @cached_property
    def frechet_distance(self) -> float:
        """Fréchet distance between the two sets."""
        return frechet_distance(self.synthetic.gaussian, self.reference.gaussian)

    def against(
        self,
        word: str,
        name: str,
        value: float | None,
        *,
        better: Literal["higher", "lower"],
        how: dict[str, object] | None = None,
        **more: Any,
    ) -> Measurement:
        """Return a measurement of the synthetic set against the reference.

        Args:
            word: The metric's word in its id.
            name: Its short name, to which the space is added.
            value: The number, or None with a ``note`` that says why there is none.
            better: Which way is better.
            how: Settings that the id names.
            more: Further fields of the measurement.
        """
        n, others = len(self.synthetic), len(self.reference)
        return Measurement(
            id=metric_id(word, self.space.id, n, split=self.split, reference_n=others, **how or {}),
            name=f"{name} ({self.space.title})",
            value=value,
            better=better,
            n=n,
            reference_n=others,
            **more,
        )


def space(features: Features) -> Space:
    """Return the feature space of a recipe of features."""
    plugin = extractors.get(features.extractor)
    return Space(
        extractor=plugin.name,
        title=plugin.title,
        weights=features.weights,
        resize=plugin.resize,
        side=features.side,
        literature=plugin.literature and features.side == plugin.side,
    )


def summarise(recipe: FeatureStatistics, context: BuildContext) -> None:
    """Write what every comparison with a set needs of that set alone."""
    features = context.artifact(recipe.features).tensors(FEATURES)["features"]
    with one_pool(recipe.compute):
        summary, inside = gaussian(features), pairs.within(features)
    context.write_tensors(
        STATISTICS, {"mean": summary.mean, "root": summary.root, "radii": inside.radii, "kernel": inside.kernel}
    )


def measure(recipe: Fidelity, context: BuildContext) -> None:
    """Write every measurement of every metric, by its id."""
    comparison = SetComparison(recipe, context.store)
    measured = {}
    with one_pool(recipe.compute):
        for done, (name, _) in enumerate(recipe.metrics, start=1):
            for measurement in metrics.get(name).measure(comparison):
                measured[measurement.id] = measurement.model_dump(mode="json", exclude={"id"})
            context.progress(done, len(recipe.metrics))
        nearest = comparison.between
    context.write_json(METRICS, measured)
    context.write_tensors(NEIGHBOURS, {"index": nearest.nearest, "distance": nearest.to_reference})


@contextmanager
def one_pool(compute: Compute) -> Iterator[None]:
    """Give numpy's linear algebra the recipe's threads, which torch's setting does not reach."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(compute.threads):
        yield


def read_side(recipe: FeatureStatistics, store: Store) -> Side:
    """Return a set as comparisons see it; raises BadArtifact if the store has lost a part of it."""
    seen = store.get(recipe.features).tensors(FEATURES)
    own = store.get(recipe).tensors(STATISTICS)
    return Side(
        **seen,
        gaussian=Gaussian(own["mean"], own["root"]),
        within=pairs.Within(own["radii"], own["kernel"]),
    )

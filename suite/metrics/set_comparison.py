"""A synthetic image set and its reference in one feature space: the input of every metric."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from suite.metrics.feature_space import FeatureSpace
from suite.metrics.frechet import Gaussian, frechet_distance
from suite.metrics.measurement import Measurement, metric_id
from suite.metrics.pairwise import PairwiseBetween, PairwiseWithin, pairwise_between


@dataclass(frozen=True, eq=False)
class FeatureSet:
    """N images in a feature space of D dimensions.

    Attributes:
        features: float32, (N, D).
        logits: float32, (N, K).
        labels: int64, (N,).
        gaussian: Mean and covariance of the features.
        pairwise: Pairwise distances and kernels within the set.
    """

    features: NDArray[np.float32]
    logits: NDArray[np.float32]
    labels: NDArray[np.int64]
    gaussian: Gaussian
    pairwise: PairwiseWithin

    def __len__(self) -> int:
        return len(self.features)


@dataclass(frozen=True, eq=False)
class SetComparison:
    """A synthetic set and the reference with which metrics compare it.

    Attributes:
        synthetic: The set to measure.
        reference: The set to compare it with.
        space: The feature space of both.
        split: Role of the reference: ``train`` for the generator's training images, ``test``, ``validation``.
        natural: Whether ImageNet classes are meaningful for these images.
        classes: Number K of classes of the extractor's logits; 0 if it has none.
        seed: Seed of all random numbers.
    """

    synthetic: FeatureSet
    reference: FeatureSet
    space: FeatureSpace
    split: str
    natural: bool
    classes: int
    seed: int

    @cached_property
    def pairwise(self) -> PairwiseBetween:
        """Pairwise distances and kernels between the two sets."""
        return pairwise_between(
            self.synthetic.features,
            self.reference.features,
            self.synthetic.pairwise.radii,
            self.reference.pairwise.radii,
        )

    @cached_property
    def frechet_distance(self) -> float:
        """Fréchet distance between the two sets."""
        return frechet_distance(self.synthetic.gaussian, self.reference.gaussian)

    def measurement(
        self,
        metric: str,
        name: str,
        value: float | None,
        *,
        better: Literal["higher", "lower"],
        settings: dict[str, object] | None = None,
        **fields: Any,
    ) -> Measurement:
        """Return a measurement of the synthetic set relative to the reference.

        Args:
            metric: Short name of the metric in its id.
            name: Short name for tables; the title of the feature space is appended.
            value: The value, or None with the reason in ``note``.
            better: Whether higher or lower values are better.
            settings: Settings that change the value; they become part of the id.
            fields: Other fields of ``Measurement``.
        """
        n, reference_n = len(self.synthetic), len(self.reference)
        return Measurement(
            id=metric_id(metric, self.space.id, n, split=self.split, reference_n=reference_n, settings=settings),
            name=f"{name} ({self.space.title})",
            value=value,
            better=better,
            n=n,
            reference_n=reference_n,
            **fields,
        )

"""Base class and registry of the metrics of synthetic image sets."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

from suite.metrics.measurement import Measurement
from suite.registry import Registry

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison


class Metric(ABC):
    """Base class of metric plugins; a plugin computes one metric or several that share intermediate results.

    Attributes:
        name: Name in options.
        title: Name in prose.
        version: Must be increased whenever the metric gives different values for the same images.
    """

    name: str
    title: str
    version: int = 1

    @abstractmethod
    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield the measurements.

        Random numbers come from ``suite.randomness`` with ``comparison.seed``.

        Args:
            comparison: The synthetic set and its reference. Other metrics use the same arrays: do not change them.
        """


metrics: Registry[Metric] = Registry("metric", "suite.metrics.fidelity")

"""A metric of synthetic images: what it is called, what it measures, and how it says what its numbers are worth."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from suite.registry import Registry

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison


class Measurement(BaseModel):
    """One number, with all that is needed to read it.

    Attributes:
        id: Which metric, in which feature space, against what, on how many images; see ``suite.metrics.names``.
        name: The same in a few words, for a table's head.
        value: The number; None where it was refused, and ``note`` says why.
        better: Which way is better.
        bounds: Least and greatest possible value, None where there is none.
        std: Standard deviation over the splits or subsets that the value is the mean of.
        interval: 95 % interval.
        per_class: The value for each class alone.
        p: Probability of a value at least so bad if both sets came from one distribution.
        n: Synthetic images.
        reference_n: Reference images; None for a metric without a reference.
        note: What a reader must know before believing the number; empty where there is nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    id: str
    name: str
    value: float | None
    better: Literal["higher", "lower"]
    bounds: tuple[float | None, float | None] = (None, None)
    std: float | None = None
    interval: tuple[float, float] | None = None
    per_class: tuple[float | None, ...] | None = None
    p: float | None = None
    n: int
    reference_n: int | None = None
    note: str = ""


class Metric(ABC):
    """A plugin: one metric, or several that come out of the same work.

    Attributes:
        name: The word by which options call it.
        title: The name in prose.
        version: Raised whenever it gives other numbers for the same images.
    """

    name: str
    title: str
    version: int = 1

    @abstractmethod
    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield what is measured. Every draw comes from ``suite.randomness`` with ``comparison.seed``."""


metrics: Registry[Metric] = Registry("metric", "suite.metrics.fidelity")

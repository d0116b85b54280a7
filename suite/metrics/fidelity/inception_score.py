"""The paper's first metric: the Inception Score."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from suite.metrics.fidelity.metric import Measurement, Metric, metrics
from suite.metrics.names import metric_id

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison


@metrics.register
class InceptionScore(Metric):
    """How sure a classifier is of single images and how varied its answers are over all of them."""

    name = "inception-score"
    title = "Inception Score"

    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield one score; nothing in a space whose network knows no classes."""
        from suite.metrics.inception_score import inception_score, splits_for

        if not comparison.classes:
            return
        count = len(comparison.synthetic)
        splits = splits_for(count)
        value, std = inception_score(comparison.synthetic.logits, splits, comparison.seed)
        yield Measurement(
            id=metric_id("is", comparison.space.id, count, splits=splits),
            name=f"IS ({comparison.space.title})",
            value=value,
            std=std if splits > 1 else None,
            better="higher",
            bounds=(1, comparison.classes),
            n=count,
            note=_qualification(comparison),
        )


def _qualification(comparison: "SetComparison") -> str:
    if not comparison.natural:
        return "not meaningful: ImageNet's classes do not occur in these images"
    return "" if comparison.space.literature else "not comparable with published scores, which use another network"

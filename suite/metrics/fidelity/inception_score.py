"""The Inception Score, the first metric of the paper."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from suite.metrics.fidelity.metric import Metric, metrics
from suite.metrics.measurement import Measurement, metric_id

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison


@metrics.register
class InceptionScore(Metric):
    """Confidence of a classifier on single images combined with the diversity of its predictions over all images."""

    name = "inception-score"
    title = "Inception Score"

    def measure(self, comparison: "SetComparison") -> Iterator[Measurement]:
        """Yield one score; nothing if the extractor has no logits."""
        from suite.metrics.inception_score import inception_score, splits_for

        if not comparison.classes:
            return
        count = len(comparison.synthetic)
        splits = splits_for(count)
        value, std = inception_score(comparison.synthetic.logits, splits, comparison.seed)
        yield Measurement(
            id=metric_id("is", comparison.space.id, count, settings={"splits": splits}),
            name=f"IS ({comparison.space.title})",
            value=value,
            std=std if splits > 1 else None,
            better="higher",
            bounds=(1, comparison.classes),
            n=count,
            note=_note(comparison),
        )


def _note(comparison: "SetComparison") -> str:
    if not comparison.natural:
        return "not meaningful: ImageNet's classes do not occur in these images"
    return "" if comparison.space.literature else "not comparable with published scores, which use another network"

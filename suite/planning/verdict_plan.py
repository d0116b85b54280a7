"""Planning the verdict of a cell: its comparisons with ``org`` at every look, or that of classifiers without seeds."""

from suite.classifiers.classifier import Predictions, ResampledClassifier
from suite.datasets.real import RealSubset
from suite.images import ImageSet
from suite.statistics.looks import cell_level, looks_until
from suite.statistics.probe_recipes import ProbeComparison, ProbeVerdict
from suite.statistics.recipes import CellVerdict, Comparison


def plan_verdict(
    predictions: tuple[Predictions, ...],
    org: tuple[Predictions, ...],
    tested: ImageSet,
    *,
    groups: RealSubset | None,
    syn: bool,
    generators: int,
    smallest_effect: float,
) -> CellVerdict | ProbeVerdict:
    """Return the recipe of the verdict, with the comparisons up to the number of predictions.

    Args:
        predictions: The cell's predictions, one for each classifier seed.
        org: Those of ``org``.
        tested: The test images.
        groups: The test images as they are, if they belong to groups, which vary together; None otherwise.
        syn: Whether the cell is SYN, which has a share of the error rate of its own.
        generators: Number of generators in the dataset's row of Table 1, without the ceiling.
        smallest_effect: Smallest accuracy difference of interest, in points.
    """
    level = cell_level(generators, syn=syn)
    arms = [arm[0].classifier for arm in (predictions, org)]
    resampled = [arm.resampled_predictions(tested) for arm in arms if isinstance(arm, ResampledClassifier)]
    if resampled:
        comparison = ProbeComparison(
            case=predictions[0],
            org=org[0],
            case_resampled=resampled[0],
            org_resampled=resampled[1],
            grouped=groups,
        )
        return ProbeVerdict(comparisons=(comparison,), level=level, smallest_effect=smallest_effect)
    return CellVerdict(
        comparisons=tuple(
            Comparison(case=predictions[:seeds], org=org[:seeds], grouped=groups)
            for seeds in looks_until(len(predictions))
        ),
        level=level,
        smallest_effect=smallest_effect,
        syn=syn,
    )

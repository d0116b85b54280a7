"""The answer for each dataset: does synthetic data help, by how much, how certain is it, and at what cost?"""

from collections.abc import Sequence
from dataclasses import dataclass

from suite.report.caveats import has_learnt
from suite.report.costs import images_made
from suite.report.numbers import count, duration, points
from suite.results.models import Cell, Results
from suite.statistics.summaries import Difference
from suite.statistics.verdict import Judgement, Verdict

VARIANTS_NAMED = 3
MODES = {"syn": "its images alone, without any real one,", "mix": "its images added to the real ones"}


@dataclass(frozen=True)
class Compared:
    """A cell of Table 1 that was compared with ``org``.

    Attributes:
        cell: The cell.
        difference: Its difference from ``org``.
        judgement: The verdict on the difference.
        org: The ``org`` cell of its dataset.
    """

    cell: Cell
    difference: Difference
    judgement: Judgement
    org: Cell

    @property
    def by_seed(self) -> tuple[float, ...]:
        """The paired difference of every seed in points, classifier seeds within generator seeds.

        Empty if the ``org`` cell itself was not selected in this run.
        """
        org = self.org.accuracies
        if not org:
            return ()
        return tuple(accuracy - org[number % len(org)] for number, accuracy in enumerate(self.cell.accuracies))


@dataclass(frozen=True)
class Answer:
    """The answer for one dataset.

    Attributes:
        dataset: Its name.
        verdict: The verdict over all its cells; None if nothing was compared, or if ``org`` has not learnt.
        headline: One or two sentences.
        best: The comparison that the headline is about; None if nothing was compared.
        design: Which sources of variation were tested; empty if nothing was compared.
        cost: What the best cell cost; empty if nothing was compared.
        comparisons: Every cell that was compared, in descending order of the difference.
        not_compared: Generators of Table 1 of which no cell was compared.
        swept: How many variants of the dataset's sweeps help, and which; empty if none was compared.
    """

    dataset: str
    verdict: Verdict | None
    headline: str
    best: Compared | None = None
    design: str = ""
    cost: str = ""
    comparisons: tuple[Compared, ...] = ()
    not_compared: tuple[str, ...] = ()
    swept: str = ""


def answers(results: Results) -> tuple[Answer, ...]:
    """Return the answer for each dataset, from the cells of Table 1."""
    return tuple(
        _answer(name, [cell for cell in results.cells if cell.dataset == name])
        for name in dict.fromkeys(cell.dataset for cell in results.cells)
    )


def compared(cells: Sequence[Cell]) -> tuple[Compared, ...]:
    """Return the cells of Table 1 that were compared with their dataset's ``org``, in their order."""
    table1 = [cell for cell in cells if cell.variant is None]
    orgs = {cell.dataset: cell for cell in table1 if cell.mode == "org"}
    return tuple(
        Compared(cell, cell.comparison, cell.judgement, orgs[cell.dataset])
        for cell in table1
        if cell.comparison is not None and cell.judgement is not None and cell.dataset in orgs
    )


def _answer(dataset: str, cells: list[Cell]) -> Answer:
    comparisons = sorted(compared(cells), key=lambda comparison: -comparison.difference.difference)
    if not comparisons:
        return Answer(dataset, None, _nothing_compared(cells), swept=_swept(cells))
    verdicts = {comparison.judgement.verdict for comparison in comparisons}
    verdict: Verdict | None
    best = comparisons[0]
    if not has_learnt(best.org):
        verdict = None
        headline = (
            f"Not decided: real images alone give {best.org.mean:.1f} %, no better than always predicting one class."
            f" Whatever is trained longer would seem to help. {_best(best, comparisons)}"
        )
    elif Verdict.HELPS in verdicts:
        verdict = Verdict.HELPS
        best = next(comparison for comparison in comparisons if comparison.judgement.verdict is Verdict.HELPS)
        headline = f"Yes. {_change(best)}"
    elif Verdict.TOO_FEW_SEEDS in verdicts:
        verdict = Verdict.TOO_FEW_SEEDS
        known = f"{_best(best, comparisons)}{_detectable(best)}{_hurting(comparisons)}"
        headline = f"Not decided: too few seeds or test images. {known}"
    elif Verdict.NO_EVIDENCE in verdicts:
        verdict = Verdict.NO_EVIDENCE
        headline = f"No evidence that it helps. {_best(best, comparisons)}"
    else:
        verdict = Verdict.HURTS
        headline = f"No. It hurts in every combination that was tried. {_best(best, comparisons)}"
    compared_generators = {comparison.cell.generator for comparison in comparisons}
    generators = dict.fromkeys(cell.generator for cell in cells if cell.generator and cell.variant is None)
    return Answer(
        dataset=dataset,
        verdict=verdict,
        headline=headline,
        best=best,
        design=_design(comparisons),
        cost=_cost(best),
        comparisons=tuple(comparisons),
        not_compared=tuple(name for name in generators if name not in compared_generators),
        swept=_swept(cells),
    )


def _change(comparison: Compared) -> str:
    subject = f"{comparison.cell.generator}: {MODES[comparison.cell.mode]}"
    return f"{subject} change accuracy by {points(comparison.difference.difference)} points."


def _best(best: Compared, comparisons: Sequence[Compared]) -> str:
    among = f"The best of {len(comparisons)} combinations is " if len(comparisons) > 1 else ""
    return f"{among}{_change(best)}"


def _detectable(best: Compared) -> str:
    """Return the smallest difference that the design of the best cell would have detected."""
    smallest = best.difference.minimum_detectable
    if smallest is None or smallest > 100:
        return " This run could not have distinguished any difference from chance."
    return f" Tested alone, differences from about {smallest:.1f} points would be found."


def _hurting(comparisons: Sequence[Compared]) -> str:
    names = [
        f"{comparison.cell.generator} {comparison.cell.mode}"
        for comparison in comparisons
        if comparison.judgement.verdict is Verdict.HURTS
    ]
    return f" {' and '.join(names)} {'hurt' if len(names) > 1 else 'hurts'}." if names else ""


def _design(comparisons: Sequence[Compared]) -> str:
    """Return what was varied, and that a generator trained only once was not varied."""
    difference = comparisons[0].difference
    trained = any(comparison.cell.seconds.get("generator") for comparison in comparisons)
    if difference.n_generator_seeds == 1 and trained:
        return (
            f"{difference.design}. Each generator was trained once: no interval covers what training it again would "
            "change"
        )
    return difference.design


def _swept(cells: Sequence[Cell]) -> str:
    """Return how many variants help, and those that help most."""
    gains = {
        f"{cell.generator} {cell.mode} {cell.variant}": (cell.comparison.difference, cell.judgement.verdict)
        for cell in cells
        if cell.variant is not None and cell.comparison and cell.judgement
    }
    if not gains:
        return ""
    helping = sorted((name for name, (_, verdict) in gains.items() if verdict is Verdict.HELPS), key=gains.__getitem__)
    named = [f"{name} ({points(gains[name][0])})" for name in reversed(helping[-VARIANTS_NAMED:])]
    more = f" and {len(helping) - VARIANTS_NAMED} more" if len(helping) > VARIANTS_NAMED else ""
    names = f": {', '.join(named)}{more}" if named else ""
    return f"{len(helping) or 'none'} of {len(gains)} that were compared helped{names}"


def _nothing_compared(cells: Sequence[Cell]) -> str:
    org = next((cell for cell in cells if cell.mode == "org" and cell.variant is None and cell.mean is not None), None)
    if org is None or org.mean is None:
        swept = any(cell.variant is not None and cell.mean is not None for cell in cells)
        return "Only sweeps were run on this dataset: see Sweeps." if swept else "Nothing was run."
    return f"Real images alone give {org.mean:.1f} %; nothing synthetic was compared with them."


def _cost(best: Compared) -> str:
    """Return what the best cell cost beyond ``org``, as recorded."""
    seconds = best.cell.seconds
    training, sampling = seconds.get("generator", 0.0), duration(seconds.get("sampling", 0.0))
    parts = [f"{duration(training)} to train the generator"] if training else []
    parts += [f"{sampling} to {'make' if training else 'get'} {count(images_made(best.cell))} images"]
    if best.cell.training_cost and best.org.training_cost and best.org.training_cost.steps:
        ratio = best.cell.training_cost.steps / best.org.training_cost.steps
        parts.append(f"{ratio:.1f} times the classifier's optimiser steps")
    return ", ".join(parts)

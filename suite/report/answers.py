"""The answer, before any table: does synthetic data help on this dataset, by how much, how sure, at what cost?"""

from collections.abc import Sequence
from dataclasses import dataclass

from suite.report.caveats import has_learnt
from suite.report.costs import images_made
from suite.report.numbers import count, duration, points
from suite.results.models import Cell, Results
from suite.statistics.summaries import Difference
from suite.statistics.verdict import Judgement, Verdict

SHOWN = 3
WAYS = {"syn": "its images alone, without any real one,", "mix": "its images added to the real ones"}


@dataclass(frozen=True)
class Compared:
    """A cell of Table 1 that was compared with ``org``, with everything that a comparison brings."""

    cell: Cell
    difference: Difference
    judgement: Judgement
    org: Cell

    @property
    def by_seed(self) -> tuple[float, ...]:
        """The paired difference of every seed in points, classifier seeds within generator seeds.

        Empty where ``org`` was compared with, but not asked for itself.
        """
        org = self.org.accuracies
        return tuple(own - org[number % len(org)] for number, own in enumerate(self.cell.accuracies) if org)


@dataclass(frozen=True)
class Answer:
    """What is known of one dataset.

    Attributes:
        dataset: Its name.
        verdict: The verdict over all its cells; None where nothing was compared, or ``org`` has learnt nothing.
        headline: One or two sentences.
        best: What the headline speaks of; None where nothing was compared.
        sure: What varied, and what did not; empty where nothing was compared.
        cost: What the best way took; empty where nothing was compared.
        ways: Every cell that was compared, the best first.
        untried: Generators of the table of which no cell was compared.
        swept: How many variants of the dataset's sweeps help, and which; empty where none was compared.
    """

    dataset: str
    verdict: Verdict | None
    headline: str
    best: Compared | None = None
    sure: str = ""
    cost: str = ""
    ways: tuple[Compared, ...] = ()
    untried: tuple[str, ...] = ()
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
    ways = sorted(compared(cells), key=lambda way: -way.difference.difference)
    if not ways:
        return Answer(dataset, None, _nothing_compared(cells), swept=_swept(cells))
    verdicts = {way.judgement.verdict for way in ways}
    verdict: Verdict | None
    if not has_learnt(ways[0].org):
        verdict, best = None, ways[0]
        headline = (
            f"Not decided: real images alone give {ways[0].org.mean:.1f} %, no better than always the same answer."
            f" What is trained longer must seem to help. {_best(best, ways)}"
        )
    elif Verdict.HELPS in verdicts:
        verdict, best = Verdict.HELPS, next(way for way in ways if way.judgement.verdict is Verdict.HELPS)
        headline = f"Yes. {_what(best)}"
    elif Verdict.TOO_FEW_SEEDS in verdicts:
        verdict, best = Verdict.TOO_FEW_SEEDS, ways[0]
        known = f"{_best(best, ways)}{_would_have_found(best)}{_hurt(ways)}"
        headline = f"Not decided: too few seeds or test images. {known}"
    elif Verdict.NO_EVIDENCE in verdicts:
        verdict, best = Verdict.NO_EVIDENCE, ways[0]
        headline = f"No evidence that it helps. {_best(best, ways)}"
    else:
        verdict, best = Verdict.HURTS, ways[0]
        headline = f"No. It hurts, whichever way was tried. {_best(best, ways)}"
    tried = {way.cell.generator for way in ways}
    named = (cell.generator for cell in cells if cell.generator and cell.variant is None)
    untried = dict.fromkeys(name for name in named if name not in tried)
    return Answer(
        dataset, verdict, headline, best, _sure(ways), _cost(best), tuple(ways), tuple(untried), _swept(cells)
    )


def _what(best: Compared) -> str:
    way = f"{best.cell.generator}: {WAYS[best.cell.mode]}"
    return f"{way} change accuracy by {points(best.difference.difference)} points."


def _best(best: Compared, ways: Sequence[Compared]) -> str:
    among = f"The best of {len(ways)} ways is " if len(ways) > 1 else ""
    return f"{among}{_what(best)}"


def _would_have_found(best: Compared) -> str:
    least = best.difference.minimum_detectable
    if least is None or least > 100:
        return " This run could not have told any difference from chance."
    return f" Tested alone, differences from about {least:.1f} points would be found."


def _hurt(ways: Sequence[Compared]) -> str:
    names = [f"{way.cell.generator} {way.cell.mode}" for way in ways if way.judgement.verdict is Verdict.HURTS]
    return f" {' and '.join(names)} {'hurt' if len(names) > 1 else 'hurts'}." if names else ""


def _sure(ways: Sequence[Compared]) -> str:
    """Return what was varied; of generators that were trained once, what that leaves out."""
    design = ways[0].difference.design
    if ways[0].difference.n_generator_seeds == 1 and any(way.cell.seconds.get("generator") for way in ways):
        return f"{design}. Each generator was trained once: what another training of it would give is in no interval"
    return design


def _swept(cells: Sequence[Cell]) -> str:
    """Return how many variants help, and those that help most."""
    gains = {
        f"{cell.generator} {cell.mode} {cell.variant}": (cell.comparison.difference, cell.judgement.verdict)
        for cell in cells
        if cell.variant is not None and cell.comparison and cell.judgement
    }
    helping = sorted((name for name, (_, verdict) in gains.items() if verdict is Verdict.HELPS), key=gains.__getitem__)
    if not gains:
        return ""
    most = [f"{name} ({points(gains[name][0])})" for name in reversed(helping[-SHOWN:])]
    more = f" and {len(helping) - SHOWN} more" if len(helping) > SHOWN else ""
    which = f": {', '.join(most)}{more}" if most else ""
    return f"{len(helping) or 'none'} of {len(gains)} that were compared helped{which}"


def _nothing_compared(cells: Sequence[Cell]) -> str:
    org = next((cell for cell in cells if cell.mode == "org" and cell.variant is None and cell.mean is not None), None)
    if org is None or org.mean is None:
        swept = any(cell.variant is not None and cell.mean is not None for cell in cells)
        return "Of this dataset sweeps alone were run: see there." if swept else "Nothing was run."
    return f"Real images alone give {org.mean:.1f} %; nothing synthetic was compared with them."


def _cost(best: Compared) -> str:
    """Return what the best way took over ``org``, as the run recorded it."""
    training_cost = best.cell.seconds
    training, sampling = training_cost.get("generator", 0.0), duration(training_cost.get("sampling", 0.0))
    parts = [f"{duration(training)} to train the generator"] if training else []
    parts += [f"{sampling} to {'make' if training else 'get'} {count(images_made(best.cell))} images"]
    if best.cell.training_cost and best.org.training_cost and best.org.training_cost.steps:
        ratio = best.cell.training_cost.steps / best.org.training_cost.steps
        parts.append(f"{ratio:.1f} times the classifier's optimiser steps")
    return ", ".join(parts)

"""Comparisons of cells with ``org``, and the words for their verdicts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from suite.generators.generator import REAL_IMAGES
from suite.report.numbers import DASH, points
from suite.results.models import Cell
from suite.statistics.summaries import Difference, Interval, Judgement, Verdict

EQUAL_STEPS = "budget"  # the variant of a MIX cell that trains for as many optimiser steps as ORG
JOINT_LEVEL = "95 % jointly per dataset"


@dataclass(frozen=True)
class Compared:
    """A cell of Table 1 that was compared with ``org``.

    Attributes:
        cell: The cell.
        difference: Its difference from ``org``.
        judgement: The verdict on the difference.
        org: The ``org`` cell of its dataset.
        equal_steps: The same MIX cell trained for as many optimiser steps as ``org``; None if it was not compared.
    """

    cell: Cell
    difference: Difference
    judgement: Judgement
    org: Cell
    equal_steps: Cell | None = None

    @property
    def generator(self) -> str:
        """Name of the generator as in the columns of Table 1."""
        return (self.cell.generator or "").upper()

    @property
    def at_equal_steps(self) -> str:
        """What is left of the difference of a MIX cell at equal steps, or how many times more steps it took."""
        if self.equal_steps is not None:
            return difference_text(self.equal_steps)
        ratio = self.steps_ratio
        if self.cell.mode != "mix" or ratio is None or f"{ratio:.1f}" == "1.0":
            return ""
        return f"with {ratio:.1f} times the optimiser steps"

    @property
    def steps_ratio(self) -> float | None:
        """Optimiser steps of the cell divided by those of ``org``; None if they are not known."""
        cost, org_cost = self.cell.training_cost, self.org.training_cost
        if self.difference.n_resamples:  # the iterations of a solver are no budget
            return None
        return cost.steps / org_cost.steps if cost and org_cost and org_cost.steps else None


def compared(cells: Sequence[Cell]) -> tuple[Compared, ...]:
    """Return the cells of Table 1 that were compared with their dataset's ``org``, in their order."""
    orgs = {cell.dataset: cell for cell in cells if cell.variant is None and cell.mode == "org"}
    equal_steps = {
        (cell.dataset, cell.generator): cell
        for cell in cells
        if cell.variant == EQUAL_STEPS and cell.mode == "mix" and cell.comparison
    }
    return tuple(
        Compared(
            cell,
            cell.comparison,
            cell.judgement,
            orgs[cell.dataset],
            equal_steps.get((cell.dataset, cell.generator)) if cell.mode == "mix" else None,
        )
        for cell in cells
        if cell.variant is None and cell.comparison and cell.judgement and cell.dataset in orgs
    )


def considered(comparisons: Iterable[Compared]) -> tuple[Compared, ...]:
    """Return the comparisons of one dataset that its answer is taken from: of MIX, or of SYN where there is no MIX.

    The ceiling is left out: it has no synthetic images.
    """
    synthetic = [one for one in comparisons if not is_ceiling(one.cell)]
    mix, syn = ([one for one in synthetic if one.cell.mode == mode] for mode in ("mix", "syn"))
    return tuple(mix or syn)


def is_ceiling(cell: Cell) -> bool:
    """Return whether a cell has further real images in place of synthetic ones."""
    return cell.trained_on == REAL_IMAGES


def is_valid(cell: Cell) -> bool:
    """Return whether a cell may be compared with others; only a verdict can say that it may not."""
    return cell.judgement is None or cell.judgement.verdict is not Verdict.NOT_VALID


def not_valid(cells: Iterable[Cell]) -> tuple[str, ...]:
    """Return why cells are not valid: each reason once, after the cells that it concerns."""
    names: dict[str, list[str]] = {}
    for cell in cells:
        if cell.judgement and not is_valid(cell):
            names.setdefault(cell.judgement.reason, []).append(cell.case.id)
    return tuple(f"{', '.join(of_reason)}: {reason}" for reason, of_reason in names.items())


def verdict_text(judgement: Judgement) -> str:
    """Return a verdict with its reason: ``undecided: 357 test images cannot show less than about 2.5 points``."""
    text = str(judgement.verdict)
    if judgement.old_procedure:
        text += " (old procedure)"
    if detail := verdict_detail(judgement):
        text += f" ({detail})" if judgement.verdict is Verdict.NO_PRACTICAL_DIFFERENCE else f": {detail}"
    return text


def verdict_detail(judgement: Judgement) -> str:
    """Return the reason of a verdict, or the range of ``no practical difference``; empty if there is none."""
    if judgement.verdict is Verdict.NO_PRACTICAL_DIFFERENCE and judgement.smallest_effect is not None:
        return f"within {judgement.smallest_effect:g}"
    return "" if judgement.old_procedure else judgement.reason


def difference_text(cell: Cell) -> str:
    """Return the difference from ``org`` in points with its interval, ``-1.3 [-2.1, -0.5]``; empty if there is none.

    The words stand before the numbers of a cell that is not valid.
    """
    if cell.comparison is None:
        return ""
    numbers = interval_text(cell.comparison.difference, cell.judgement.interval if cell.judgement else None)
    return numbers if is_valid(cell) else f"{Verdict.NOT_VALID}: {numbers}"


def interval_text(difference: float, interval: Interval | None) -> str:
    """Return a difference in points with its interval, ``-1.3 [-2.1, -0.5]``."""
    return f"{points(difference)} [{', '.join(map(points, interval))}]" if interval else points(difference)


def seeds_text(judgement: Judgement) -> str:
    """Return the number of classifier seeds, and ``stopped`` where more seeds cannot decide; a dash without seeds."""
    if judgement.seeds is None:
        return DASH
    stopped = judgement.verdict is Verdict.UNDECIDED and judgement.is_final
    return f"{judgement.seeds}, stopped" if stopped else str(judgement.seeds)


def seeds_range(cells: Sequence[Cell]) -> str:
    """Return the numbers of classifier seeds of cells in words: ``5 seeds``, ``5 to 12 seeds``; ``1 fit`` without."""
    if any(cell.classifier and not cell.classifier.has_seeds for cell in cells):
        return "1 fit"
    numbers = sorted({len(cell.accuracies) for cell in cells if cell.accuracies})
    if not numbers:
        return "0 seeds"
    ends = " to ".join(str(number) for number in dict.fromkeys((numbers[0], numbers[-1])))
    return f"{ends} {'seed' if ends == '1' else 'seeds'}"

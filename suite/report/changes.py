"""Comparison of two runs: which cells changed beyond noise?"""

from math import hypot

from suite.report.numbers import points
from suite.report.tables import Table
from suite.results.models import Cell, ResultsFile


def compare(old: ResultsFile, new: ResultsFile) -> Table:
    """Return the cells of two runs whose accuracy changed beyond noise, was added or removed, or has no noise.

    Both runs test on the same images, so the noise is that of seeds: the half widths of both Student's t intervals,
    added in quadrature as independent errors are. With one seed there is no interval, and any change is shown.

    Args:
        old: The earlier run.
        new: The later run.
    """
    old_cells, new_cells = ({cell.case.id: cell for cell in results.cells} for results in (old, new))
    rows = []
    unchanged = 0
    for name in dict.fromkeys((*new_cells, *old_cells)):
        row = _row(name, old_cells.get(name), new_cells.get(name))
        if row is not None:
            rows.append(row)
        elif name in new_cells and new_cells[name].mean is not None:
            unchanged += 1
    notes = [f"{unchanged} {'cell' if unchanged == 1 else 'cells'} changed within noise or not at all."]
    for field in ("profile", "evaluate", "suite_version"):
        before, now = getattr(old, field), getattr(new, field)
        if before != now:
            notes.append(f"{field.replace('_', ' ')}: {before} before, {now} now: not the same experiment.")
    procedures = {any(cell.judgement and cell.judgement.old_procedure for cell in run.cells) for run in (old, new)}
    if len(procedures) > 1:
        notes.append("Verdicts of one of the runs are those of the old procedure.")
    contents = {facts.name: facts.content for facts in old.datasets}
    changed = [facts.name for facts in new.datasets if contents.get(facts.name, facts.content) != facts.content]
    notes += [f"{name}: the images have changed: not the same experiment." for name in changed]
    return Table(
        "Changes beyond noise", ("case", "before", "now", "change", "noise", "verdict"), tuple(rows), tuple(notes)
    )


def _row(name: str, old: Cell | None, new: Cell | None) -> tuple[str, ...] | None:
    before = old.mean if old else None
    now = new.mean if new else None
    if before is None and now is None:
        return None
    verdict = _verdict(old, new)
    numbers = tuple("" if mean is None else f"{mean:.1f}" for mean in (before, now))
    if before is None or now is None:
        return name, *numbers, "added" if before is None else "removed", "", verdict
    noise = _noise(old, new)
    within_noise = now == before or (noise is not None and abs(now - before) <= noise)
    if within_noise and "->" not in verdict:
        return None
    return name, *numbers, points(now - before), "one seed" if noise is None else f"±{noise:.1f}", verdict


def _noise(*cells: Cell | None) -> float | None:
    """Return the half width of an interval of the difference of means, or None with one seed."""
    halves = []
    for cell in cells:
        if cell is None or cell.interval is None:
            return None
        halves.append((cell.interval[1] - cell.interval[0]) / 2)
    return hypot(*halves)


def _verdict(old: Cell | None, new: Cell | None) -> str:
    before, now = (cell.judgement.verdict if cell and cell.judgement else "" for cell in (old, new))
    return str(now) if before == now or not before or not now else f"{before} -> {now}"

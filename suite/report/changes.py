"""Two runs side by side: which cells changed beyond noise?"""

from math import hypot

from suite.report.numbers import points
from suite.report.tables import Table
from suite.results.models import Cell, Results


def compare(old: Results, new: Results) -> Table:
    """Return the cells of two runs whose accuracy changed beyond noise, and those that came, went or cannot be told.

    Both runs test on the same images, so the noise is that of seeds: the half widths of both Student's t intervals,
    added as independent errors are. With one seed there is no interval, and any change is shown as such.

    Args:
        old: The earlier run.
        new: The later run.
    """
    before, after = ({cell.case.id: cell for cell in results.cells} for results in (old, new))
    rows = []
    steady = 0
    for name in dict.fromkeys((*after, *before)):
        row = _row(name, before.get(name), after.get(name))
        if row is not None:
            rows.append(row)
        elif name in after and after[name].mean is not None:
            steady += 1
    notes = [f"{steady} {'cell' if steady == 1 else 'cells'} changed within noise or not at all."]
    for word in ("profile", "evaluate", "suite_version"):
        was, now = getattr(old, word), getattr(new, word)
        if was != now:
            notes.append(f"{word.replace('_', ' ')}: {was} before, {now} now: not one experiment.")
    contents = {one.name: one.content for one in old.datasets}
    others = [one.name for one in new.datasets if contents.get(one.name, one.content) != one.content]
    notes += [f"{name}: other images before than now: not one experiment." for name in others]
    return Table(
        "Changes beyond noise", ("case", "before", "now", "change", "noise", "verdict"), tuple(rows), tuple(notes)
    )


def _row(name: str, before: Cell | None, after: Cell | None) -> tuple[str, ...] | None:
    was = before.mean if before else None
    now = after.mean if after else None
    if was is None and now is None:
        return None
    verdict = _verdict(before, after)
    numbers = tuple("" if value is None else f"{value:.1f}" for value in (was, now))
    if was is None or now is None:
        return name, *numbers, "new" if was is None else "gone", "", verdict
    noise = _noise(before, after)
    if now == was or (noise is not None and abs(now - was) <= noise):
        return None if "->" not in verdict else (name, *numbers, points(now - was), _shown(noise), verdict)
    return name, *numbers, points(now - was), _shown(noise), verdict


def _shown(noise: float | None) -> str:
    return "one seed" if noise is None else f"±{noise:.1f}"


def _noise(*cells: Cell | None) -> float | None:
    """Return the half width of an interval of the difference of means, or None with one seed."""
    halves = []
    for cell in cells:
        if cell is None or cell.interval is None:
            return None
        halves.append((cell.interval[1] - cell.interval[0]) / 2)
    return hypot(*halves)


def _verdict(before: Cell | None, after: Cell | None) -> str:
    was, now = (cell.judgement.verdict if cell and cell.judgement else "" for cell in (before, after))
    return str(now) if was == now or not was or not now else f"{was} -> {now}"

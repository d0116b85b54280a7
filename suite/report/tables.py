"""The tables as text: Table 1 in the paper's layout, the differences with their verdicts, the discriminator."""

from collections.abc import Iterable
from dataclasses import dataclass

from suite.results.models import Cell, Discriminator, Results

MISSING = {"failed": "failed", "unavailable": "n/a", "not run": "-"}
DISTANCES = ("fid", "fd")


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes:
        title: What it shows, in a few words.
        head: The columns' names.
        rows: The cells, as text.
        notes: What has to be read beside it.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def table1(results: Results, *, best: str = "{}") -> Table:
    """Return the paper's Table 1: a row a dataset, ``ORG``, then ``SYN`` and ``MIX`` of each generator.

    Args:
        results: What was found.
        best: How the best accuracy of a row is marked, ``{}`` being the number.
    """
    cells = [cell for cell in results.cells if cell.variant is None]
    generators = _in_order(cell.generator for cell in cells if cell.generator)
    made = [(name, mode) for name in generators for mode in ("syn", "mix")]
    columns = [(None, "org"), *made]
    head = ["", "ORG (Acc)"]
    head += [f"{mode.upper()}_{name.upper()} ({'Acc/IS/FD' if mode == 'syn' else 'Acc'})" for name, mode in made]
    rows = []
    for dataset in _in_order(cell.dataset for cell in cells):
        of_row = {(cell.generator, cell.mode): cell for cell in cells if cell.dataset == dataset}
        highest = max((cell.mean for cell in of_row.values() if cell.mean is not None), default=None)
        rows.append((dataset, *(_cell(of_row.get(column), highest, best) for column in columns)))
    return Table(f"Table 1, profile {results.profile}", tuple(head), tuple(rows), tuple(_notes(results, cells)))


def differences(results: Results) -> Table:
    """Return what the question asks for: each synthetic cell's difference from ``org``, and the verdict."""
    rows = []
    for cell in results.cells:
        if cell.comparison is None or cell.mean is None or cell.training_cost is None:
            continue
        interval = "{:+.1f} to {:+.1f}".format(*cell.comparison.interval) if cell.comparison.interval else ""
        rows.append(
            (
                cell.case.id,
                f"{cell.mean:.1f}",
                f"{cell.comparison.difference:+.1f}",
                interval,
                cell.judgement.verdict if cell.judgement else "",
                str(cell.training_cost.unique_images),
                str(cell.training_cost.images_seen),
                str(cell.training_cost.steps),
            )
        )
    head = ("case", "Acc", "vs ORG", "95 % interval", "verdict", "images", "seen", "steps")
    return Table("Does it help? Points of accuracy against ORG", head, tuple(rows), tuple(_designs(results.cells)))


def filter_table(results: Results) -> Table:
    """Return what filters kept of each generator's images, and what was seen to choose and to make them."""
    head = ("case", "kept", "of", "least of a class", "filter uses", "generator trained on")
    rows = [
        (
            cell.case.id,
            str(sum(done.after)),
            str(sum(done.before)),
            "{} of {}".format(*min(zip(done.after, done.before, strict=True), key=lambda pair: pair[0] / pair[1])),
            ", ".join(done.uses),
            cell.trained_on or "",
        )
        for cell in results.cells
        if (done := cell.filtering) is not None
    ]
    return Table("Filters: what they kept of the synthetic images", head, tuple(rows))


def discriminator_table(results: Results) -> Table:
    """Return the discriminator test: classifiers trained on real data, on real and on synthetic images."""
    rows = [
        (row.dataset, row.generator, _percent(row, row.accuracy_real), _percent(row, row.accuracy_synthetic))
        for row in results.discriminators
    ]
    return Table(
        "Discriminator: trained on real images only, tested on",
        ("dataset", "generator", f"real {results.evaluate}", "synthetic"),
        tuple(rows),
    )


def reasons(results: Results) -> tuple[str, ...]:
    """Return why cells are missing, each reason once with the cells it concerns; a whole dataset by its name alone."""
    every: dict[str, list[str]] = {}
    missing: dict[tuple[str, str], list[str]] = {}
    cells = [(cell.dataset, cell.case.id, cell.reason) for cell in results.cells]
    rows = [
        (row.dataset, f"{row.dataset}-{row.generator} (discriminator)", row.reason) for row in results.discriminators
    ]
    for dataset, name, reason in (*cells, *rows):
        every.setdefault(dataset, []).append(name)
        if reason:
            missing.setdefault((reason, dataset), []).append(name)
    return tuple(
        f"{dataset if names == every[dataset] else ', '.join(names)}: {reason}"
        for (reason, dataset), names in missing.items()
    )


def remarks(results: Results) -> dict[str, tuple[str, ...]]:
    """Return by dataset what a reader must know of its images: what was left out, converted or could not be measured.

    A line begins with the dataset, or with the generator whose images it is about.
    """
    told: dict[str, tuple[str, ...]] = {}
    for dataset in _in_order(cell.dataset for cell in results.cells):
        said = [(dataset, note) for one in results.datasets if one.name == dataset for note in one.remarks]
        cells = [cell for cell in results.cells if cell.dataset == dataset and cell.generator and not cell.variant]
        made = {(cell.generator or "", note): None for cell in cells for note in cell.notes}
        for note in _in_order(note for _, note in made):
            names = [name for name, one in made if one == note]
            every = len(names) == len({cell.generator for cell in cells}) > 1
            said += [(dataset if every else f"{dataset}-{name}", note) for name in (names[:1] if every else names)]
        lines = (
            f"{name}: {'; '.join(note for one, note in said if one == name)}" for name in _in_order(n for n, _ in said)
        )
        if found := tuple(lines):
            told[dataset] = found
    return told


def deviations(results: Results) -> tuple[str, ...]:
    """Return the cells whose mean lies outside the expected range, with both numbers; in profile paper also its own."""
    return tuple(
        f"{cell.case.id}: {cell.mean:.1f} lies outside the expected {cell.expected[0]:g} to {cell.expected[1]:g}"
        + (f", the paper has {cell.paper:g}" if results.profile == "paper" and cell.paper is not None else "")
        for cell in results.cells
        if cell.mean is not None and cell.expected and not cell.expected[0] <= cell.mean <= cell.expected[1]
    )


def metric_of(cell: Cell, *words: str) -> float | None:
    """Return the value of the first metric whose id begins with one of ``words``, or None."""
    for name, value in cell.metrics.items():
        if name.partition("(")[0] in words:
            return value
    return None


def _cell(cell: Cell | None, highest: float | None, best: str) -> str:
    if cell is None:
        return ""
    if cell.mean is None:
        return MISSING.get(cell.status, "-")
    text = f"{cell.mean:.1f}"
    text = best.format(text) if cell.mean == highest else text
    if cell.mode != "syn":
        return text
    score, distance = metric_of(cell, "is"), metric_of(cell, *DISTANCES)
    return "/".join((text, _number(score), _number(distance)))


def _notes(results: Results, cells: list[Cell]) -> Iterable[str]:
    yield (
        f"Acc: mean percent on real {results.evaluate} images over {max((len(c.accuracies) for c in cells), default=0)}"
        " seeds."
    )
    measured = [cell for cell in cells if cell.mode == "syn" and cell.metrics]
    for title, words in (("IS", ("is",)), ("FD", DISTANCES)):
        whose: dict[str, list[str]] = {}
        for cell in measured:
            if name := next((one for one in cell.metrics if one.partition("(")[0] in words), None):
                whose.setdefault(name, []).append(f"{cell.dataset}-{cell.generator}")
        for name, which in whose.items():
            of = f" of {', '.join(which)}" if len(whose) > 1 else ""
            yield f"{title}{of}: {name}"


def _designs(cells: Iterable[Cell]) -> Iterable[str]:
    yield from _in_order(cell.comparison.design for cell in cells if cell.comparison)


def _percent(row: Discriminator, value: float | None) -> str:
    return MISSING.get(row.status, "-") if value is None else f"{value:.1f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}" if abs(value) < 1000 else f"{value:.0f}"


def _in_order(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))

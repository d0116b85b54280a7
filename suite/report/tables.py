"""Tables as text: Table 1 in the paper's layout, differences with their verdicts, filters, the discriminator."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from suite.report.numbers import short
from suite.results.measurements import values_by_seed
from suite.results.models import ENVIRONMENT_NOTE, Cell, DiscriminatorResult, Results

MISSING = {"failed": "failed", "unavailable": "n/a", "not run": "-"}
DISTANCES = ("fid", "fd")


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes:
        title: A short title.
        head: Names of the columns.
        rows: The cells, as text.
        notes: Sentences shown below the table.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def table1(results: Results, *, best: str = "{}") -> Table:
    """Return the paper's Table 1: one row per dataset with ``ORG``, then ``SYN`` and ``MIX`` of each generator.

    Args:
        results: The results of a run.
        best: Format of the best accuracy of a row; ``{}`` is the number.
    """
    cells = [cell for cell in results.cells if cell.variant is None]
    generators = _in_order(cell.generator for cell in cells if cell.generator)
    synthetic = [(name, mode) for name in generators for mode in ("syn", "mix")]
    columns = [(None, "org"), *synthetic]
    head = ["", "ORG (Acc)"]
    head += [f"{mode.upper()}_{name.upper()} ({'Acc/IS/FD' if mode == 'syn' else 'Acc'})" for name, mode in synthetic]
    rows = []
    for dataset in _in_order(cell.dataset for cell in cells):
        row_cells = {(cell.generator, cell.mode): cell for cell in cells if cell.dataset == dataset}
        highest = max((cell.mean for cell in row_cells.values() if cell.mean is not None), default=None)
        rows.append((dataset, *(_cell(row_cells.get(column), highest, best) for column in columns)))
    return Table(f"Table 1, profile {results.profile}", tuple(head), tuple(rows), tuple(_notes(results, cells)))


def differences(results: Results) -> Table:
    """Return each synthetic cell's difference from ``org`` with its interval, verdict and training cost."""
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
    """Return how many images each filter kept, what the filter uses, and what the generator was trained on."""
    head = ("case", "kept", "of", "least of a class", "filter uses", "generator trained on")
    rows = [
        (
            cell.case.id,
            str(sum(filtering.after)),
            str(sum(filtering.before)),
            "{} of {}".format(
                *min(zip(filtering.after, filtering.before, strict=True), key=lambda pair: pair[0] / pair[1])
            ),
            ", ".join(filtering.uses),
            cell.trained_on or "",
        )
        for cell in results.cells
        if (filtering := cell.filtering) is not None
    ]
    return Table("Filters: synthetic images kept", head, tuple(rows))


def discriminator_table(results: Results) -> Table:
    """Return the discriminator test: accuracy of classifiers trained on real data, on real and synthetic images."""
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
    """Return why cells are missing: each reason once, with its cells, or with the dataset if it concerns all of it."""
    names_of_dataset: dict[str, list[str]] = {}
    missing: dict[tuple[str, str], list[str]] = {}
    cells = [(cell.dataset, cell.case.id, cell.reason) for cell in results.cells]
    rows = [
        (row.dataset, f"{row.dataset}-{row.generator} (discriminator)", row.reason) for row in results.discriminators
    ]
    for dataset, name, reason in (*cells, *rows):
        names_of_dataset.setdefault(dataset, []).append(name)
        if reason:
            missing.setdefault((reason, dataset), []).append(name)
    return tuple(
        f"{dataset if names == names_of_dataset[dataset] else ', '.join(names)}: {reason}"
        for (reason, dataset), names in missing.items()
    )


def remarks(results: Results) -> dict[str, tuple[str, ...]]:
    """Return remarks on the images of each dataset: what was left out, converted or could not be measured.

    Each line begins with the dataset, or with the dataset and the generator whose images it is about. Notes on build
    environments are not among them: ``caveats`` has these.
    """
    lines_of_dataset: dict[str, tuple[str, ...]] = {}
    for dataset in _in_order(cell.dataset for cell in results.cells):
        pairs = [(dataset, remark) for facts in results.datasets if facts.name == dataset for remark in facts.remarks]
        cells = [cell for cell in results.cells if cell.dataset == dataset and cell.generator and not cell.variant]
        generators = {cell.generator for cell in cells}
        noted_by: dict[str, dict[str, None]] = {}
        for cell in cells:
            for note in cell.notes:
                if not note.startswith(ENVIRONMENT_NOTE):
                    noted_by.setdefault(note, {})[cell.generator or ""] = None
        for note, names in noted_by.items():
            if len(names) == len(generators) > 1:
                pairs.append((dataset, note))
            else:
                pairs += [(f"{dataset}-{name}", note) for name in names]
        subjects = _in_order(subject for subject, _ in pairs)
        lines = [f"{name}: {'; '.join(note for subject, note in pairs if subject == name)}" for name in subjects]
        if lines:
            lines_of_dataset[dataset] = tuple(lines)
    return lines_of_dataset


def deviations(results: Results) -> tuple[str, ...]:
    """Return the cells whose mean is outside the expected range, with both; in profile paper the paper's number too."""
    return tuple(
        f"{cell.case.id}: {cell.mean:.1f} lies outside the expected {cell.expected[0]:g} to {cell.expected[1]:g}"
        + (f", the paper has {cell.paper:g}" if results.profile == "paper" and cell.paper is not None else "")
        for cell in results.cells
        if cell.mean is not None and cell.expected and not cell.expected[0] <= cell.mean <= cell.expected[1]
    )


def metric_of(cell: Cell, *words: str) -> float | None:
    """Return the value of the first metric whose id begins with one of ``words``, averaged over generator seeds."""
    for name, value in cell.metrics.items():
        if name.partition("(")[0] in words:
            return value
    return None


def seed_values(cell: Cell, name: str) -> str:
    """Return the single values of a metric that is a mean over generator seeds; empty with one generator seed.

    Args:
        cell: The cell.
        name: Id of the metric.
    """
    values = values_by_seed(cell.measurements, name)
    if len(values) < 2:
        return ""
    return f"mean over {len(values)} generator seeds of {', '.join(map(short, values))}"


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


def _notes(results: Results, cells: list[Cell]) -> Iterator[str]:
    seeds = max((len(cell.accuracies) for cell in cells), default=0)
    yield f"Acc: mean percent on real {results.evaluate} images over {seeds} seeds."
    measured = [cell for cell in cells if cell.mode == "syn" and cell.metrics]
    for title, words in (("IS", ("is",)), ("FD", DISTANCES)):
        cells_by_id: dict[str, list[Cell]] = {}
        for cell in measured:
            if name := next((metric for metric in cell.metrics if metric.partition("(")[0] in words), None):
                cells_by_id.setdefault(name, []).append(cell)
        for name, measured_cells in cells_by_id.items():
            names = ", ".join(f"{cell.dataset}-{cell.generator}" for cell in measured_cells)
            yield f"{title}{f' of {names}' if len(cells_by_id) > 1 else ''}: {name}"
        for name, measured_cells in cells_by_id.items():
            for cell in measured_cells:
                if values := seed_values(cell, name):
                    yield f"{title} of {cell.dataset}-{cell.generator}: {values}"


def _designs(cells: Iterable[Cell]) -> Iterator[str]:
    yield from _in_order(cell.comparison.design for cell in cells if cell.comparison)


def _percent(row: DiscriminatorResult, value: float | None) -> str:
    return MISSING.get(row.status, "-") if value is None else f"{value:.1f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}" if abs(value) < 1000 else f"{value:.0f}"


def _in_order(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))

"""What the page shows, as plain data: the templates only lay it out."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from suite.pictures.grid import MOST_ROWS
from suite.pictures.picture import picture_name
from suite.report.numbers import DASH, count, duration, memory, percent, short, span
from suite.report.tables import DISTANCES, MISSING, metric_of
from suite.results.models import Cell, Results

TIMES = "\N{NO-BREAK SPACE}\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True)
class Entry:
    """One cell of Table 1 as the page has it.

    Attributes:
        cell: The cell; None where the table has none.
        text: The accuracy, or why there is none.
        best: Whether it is the best of its row.
        metrics: Inception Score and Fréchet distance, for ``syn``.
        interval: Of the accuracy, over seeds and test images together; None where neither is known.
        balanced: Balanced accuracy and AUROC, where there are two classes.
        deviation: On which side of the expected range it lies; empty where it lies inside.
    """

    cell: Cell | None
    text: str = ""
    best: bool = False
    metrics: str = ""
    interval: tuple[float, float] | None = None
    balanced: str = ""
    deviation: str = ""


@dataclass(frozen=True)
class Column:
    """A column of Table 1: its heading and what its numbers are."""

    name: str
    unit: str


@dataclass(frozen=True)
class StageSettings:
    """What one stage was told: a row a setting.

    Attributes:
        stage: Name of the stage.
        rows: Name of each setting, and its value for each dataset.
    """

    stage: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Sheet:
    """Thumbnails of one kind, a row a class (or several).

    Attributes:
        name: File name of the picture.
        title: What is seen.
        rows: Rows of images a class.
        captions: For each class what is said of its row.
    """

    name: str
    title: str
    rows: int = 1
    captions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gallery:
    """The pictures of a dataset, of one kind: sheets side by side, class by class."""

    title: str
    explanation: str
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True)
class Album:
    """All galleries of a dataset.

    Attributes:
        dataset: Its name.
        classes: The classes that are shown.
        of: How many classes there are.
        galleries: By kind.
    """

    dataset: str
    classes: tuple[str, ...]
    of: int
    galleries: tuple[Gallery, ...]


def table1_view(results: Results) -> tuple[list[Column], list[tuple[str, list[Entry]]]]:
    """Return the columns of Table 1, and its rows by dataset."""
    cells = [cell for cell in results.cells if cell.variant is None]
    made = [(name, mode) for name in _in_order(cell.generator for cell in cells) for mode in ("syn", "mix")]
    words = {name.partition("(")[0] for cell in cells for name in cell.metrics}
    distance = "FID" if "fid" in words else "FD"
    columns = [Column("ORG", "Acc")]
    columns += [
        Column(f"{mode.upper()}_{name.upper()}", f"Acc / IS / {distance}" if mode == "syn" else "Acc")
        for name, mode in made
    ]
    rows = []
    for dataset in _in_order(cell.dataset for cell in cells):
        of_row = {(cell.generator, cell.mode): cell for cell in cells if cell.dataset == dataset}
        highest = max((cell.mean for cell in of_row.values() if cell.mean is not None), default=None)
        rows.append((dataset, [_entry(of_row.get(column), highest) for column in ((None, "org"), *made)]))
    return columns, rows


def fidelity_view(results: Results) -> list[dict[str, Any]]:
    """Return for each dataset its generators, and a row a metric: its id, its value for each, what is said of it."""
    tables = []
    for dataset in _in_order(cell.dataset for cell in results.cells):
        measured = {
            cell.generator: {one["name"]: one for one in cell.measurements}
            for cell in reversed(results.cells)
            if cell.dataset == dataset and cell.variant is None and cell.generator and cell.measurements
        }
        generators = list(reversed(measured))
        names = _in_order(name for generator in generators for name in measured[generator])
        rows = [_metric(name, [measured[generator].get(name) for generator in generators]) for name in names]
        if rows:
            tables.append({"dataset": dataset, "generators": generators, "rows": rows})
    return tables


def albums(results: Results, pictures: Mapping[str, bytes], captions: Mapping[str, Any]) -> list[Album]:
    """Return the galleries of each dataset, of the pictures that are there.

    Args:
        results: What was found.
        pictures: File name to content.
        captions: File name of captions to what they hold.
    """
    found = []
    for dataset in _in_order(cell.dataset for cell in results.cells):
        of_dataset = [cell for cell in results.cells if cell.dataset == dataset]
        classes = next((cell.counts.classes for cell in of_dataset if cell.counts), ())
        generators = _in_order(cell.generator for cell in of_dataset)
        galleries = (
            Gallery(
                "Real and synthetic",
                "The first images of each class: no choice was made.",
                (
                    Sheet(picture_name("thumbnails.webp", dataset), "real"),
                    *(Sheet(picture_name("thumbnails.webp", dataset, one), one) for one in generators),
                ),
            ),
            Gallery(
                "Least agreed",
                "The synthetic images of each class to whose label classifiers trained on real images give the least "
                "probability.",
                tuple(_least_agreed(dataset, one, classes, captions) for one in generators),
            ),
            Gallery(
                "Nearest training images",
                "The synthetic images of each class that come nearest to a training image, above that image. A copy "
                "would look the same twice.",
                tuple(Sheet(picture_name("neighbours.webp", dataset, one), one, rows=2) for one in generators),
            ),
        )
        there = (
            Gallery(one.title, one.explanation, tuple(sheet for sheet in one.sheets if sheet.name in pictures))
            for one in galleries
        )
        filled = tuple(one for one in there if one.sheets)
        if filled and classes:
            found.append(Album(dataset, classes[:MOST_ROWS], len(classes), filled))
    return found


def facts(results: Results) -> list[tuple[str, str]]:
    """Return the counts of images and classes that each dataset's numbers rest on, a sentence a dataset."""
    sentences = []
    for dataset in _in_order(cell.dataset for cell in results.cells):
        org = next((c for c in results.cells if c.dataset == dataset and c.mode == "org" and c.counts), None)
        if org is not None and org.counts is not None:
            counts, size = org.counts, org.counts.size
            sentences.append(
                (
                    dataset,
                    f"{len(counts.classes)} classes, {count(sum(counts.real))} real training images, "
                    f"{count(sum(counts.evaluation))} real {results.evaluate} images"
                    + (f", all brought to {size}x{size} pixels" if size else ""),
                )
            )
    return sentences


FILTERS = {
    "count": count,
    "duration": duration,
    "memory": memory,
    "percent": percent,
    "short": short,
    "span": span,
}


def _entry(cell: Cell | None, highest: float | None) -> Entry:
    if cell is None:
        return Entry(None)
    if cell.mean is None:
        return Entry(cell, MISSING.get(cell.status, DASH).replace("-", DASH))
    metrics = ""
    if cell.mode == "syn":
        metrics = f"{short(metric_of(cell, 'is'))} / {short(metric_of(cell, *DISTANCES))}"
    deviation = ""
    if cell.expected and not cell.expected[0] <= cell.mean <= cell.expected[1]:
        side = "below" if cell.mean < cell.expected[0] else "above"
        deviation = f"{side} {cell.expected[0]:g} to {cell.expected[1]:g}"
    balanced = "" if cell.auroc is None else f"bal. {percent(cell.balanced_accuracy)}, AUROC {cell.auroc:.3f}"
    return Entry(cell, f"{cell.mean:.1f}", cell.mean == highest, metrics, _interval(cell), balanced, deviation)


def _interval(cell: Cell) -> tuple[float, float] | None:
    """Return a cell's interval over seeds and over images in one: their half-widths add as squares, as in a verdict."""
    ends = [interval for interval in (cell.interval, cell.image_interval) if interval]
    if not ends or cell.mean is None:
        return None
    below = math.hypot(*(cell.mean - low for low, _ in ends))
    above = math.hypot(*(high - cell.mean for _, high in ends))
    return max(0.0, cell.mean - below), min(100.0, cell.mean + above)


def _metric(name: str, measured: Sequence[dict[str, Any] | None]) -> dict[str, Any]:
    there = [one for one in measured if one is not None]
    return {
        "name": name,
        "ids": _in_order(one["id"] for one in there),
        "better": there[0]["better"],
        "measured": measured,
        "notes": _in_order(one["note"] for one in there),
    }


def _least_agreed(dataset: str, generator: str, classes: Sequence[str], captions: Mapping[str, Any]) -> Sheet:
    said = captions.get(picture_name("least-agreed.json", dataset, generator), ())
    lines = []
    for own, row in enumerate(said[: len(classes)]):
        taken = Counter(one["taken_for"] for one in row)
        names = {**dict(enumerate(classes)), own: "its own class"}
        words = (f"{names.get(label, label)}{TIMES}{times}" for label, times in taken.most_common())
        lines.append(f"taken for {', '.join(words)}")
    return Sheet(picture_name("least-agreed.webp", dataset, generator), generator, captions=tuple(lines))


def _in_order(names: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name))


def settings_view(results: Results) -> tuple[tuple[str, ...], tuple[StageSettings, ...]]:
    """Return the datasets whose settings are known, and what every stage was told for each of them."""
    known = [one for one in results.datasets if one.settings]
    stages = dict.fromkeys(stage for one in known for stage in one.settings)
    told = []
    for stage in stages:
        given = [one.settings.get(stage, {}) for one in known]
        names = dict.fromkeys(name for settings in given for name in settings)
        told.append(StageSettings(stage, tuple((name, tuple(one.get(name, DASH) for one in given)) for name in names)))
    return tuple(one.name for one in known), tuple(told)

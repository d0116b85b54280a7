"""View models of the page: plain data that the templates lay out."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from suite.pictures.picture import picture_name
from suite.pictures.sheet_layout import MAX_CLASSES
from suite.report.comparisons import is_valid
from suite.report.numbers import DASH, count, percent, short
from suite.report.tables import DISTANCES, MISSING, highest_mean, metric_of, seed_values
from suite.results.measurements import mean_measurements
from suite.results.models import Cell, ResultsFile

TIMES = "\N{NO-BREAK SPACE}\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True)
class Table1Cell:
    """One cell of Table 1 as text.

    Attributes:
        result: The result; None where the table has no such cell.
        text: Accuracy in percent, or the status of a cell without one.
        best: Whether the accuracy is the highest of its row.
        metrics: Inception Score and Fréchet distance; empty unless the mode is ``syn``.
        interval: Interval of the accuracy over seeds and test images, in percent; None where neither is known.
        balanced: Balanced accuracy and AUROC; empty unless there are two classes.
        deviation: ``below`` or ``above`` the expected range, with the range; empty inside it.
        not_valid: Whether the cell is not valid.
    """

    result: Cell | None
    text: str = ""
    best: bool = False
    metrics: str = ""
    interval: tuple[float, float] | None = None
    balanced: str = ""
    deviation: str = ""
    not_valid: bool = False


@dataclass(frozen=True)
class Table1Column:
    """Heading of a column of Table 1.

    Attributes:
        name: Mode and generator, such as ``SYN_CD``.
        unit: What the numbers are, such as ``Acc``.
    """

    name: str
    unit: str


@dataclass(frozen=True)
class SettingsTable:
    """Settings of one stage, such as the classifier.

    Attributes:
        stage: Name of the stage.
        rows: Name of each setting, and its value for each dataset.
    """

    stage: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class ThumbnailSheet:
    """One file of thumbnails.

    Attributes:
        name: File name of the picture.
        title: What the images are: ``real``, or the name of the generator.
        rows: Rows of images per class.
        captions: Caption of each class; may be empty.
    """

    name: str
    title: str
    rows: int = 1
    captions: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImageSection:
    """Thumbnails of one kind: sheets side by side, class by class.

    Attributes:
        title: Heading of the section.
        explanation: Which images are shown.
        sheets: The sheets, from left to right.
    """

    title: str
    explanation: str
    sheets: tuple[ThumbnailSheet, ...]


@dataclass(frozen=True)
class DatasetImages:
    """Thumbnails of one dataset.

    Attributes:
        dataset: Name of the dataset.
        classes: Names of the classes that are shown.
        class_count: Number of classes of the dataset.
        sections: One section per kind of thumbnails.
    """

    dataset: str
    classes: tuple[str, ...]
    class_count: int
    sections: tuple[ImageSection, ...]


def table1_view(results: ResultsFile) -> tuple[list[Table1Column], list[tuple[str, list[Table1Cell]]]]:
    """Return Table 1.

    Args:
        results: The results of the run.

    Returns:
        The columns, and for each dataset its name and its cells.
    """
    cells = [cell for cell in results.cells if cell.variant is None]
    generator_columns = [(name, mode) for name in _unique(cell.generator for cell in cells) for mode in ("syn", "mix")]
    metrics = {name.partition("(")[0] for cell in cells for name in cell.metrics}
    distance = "FID" if "fid" in metrics else "FD"
    columns = [Table1Column("ORG", "Acc")]
    columns += [
        Table1Column(f"{mode.upper()}_{name.upper()}", f"Acc / IS / {distance}" if mode == "syn" else "Acc")
        for name, mode in generator_columns
    ]
    rows = []
    for dataset in _unique(cell.dataset for cell in cells):
        of_row = {(cell.generator, cell.mode): cell for cell in cells if cell.dataset == dataset}
        highest = highest_mean(of_row.values())
        row = [_table1_cell(of_row.get(column), highest) for column in ((None, "org"), *generator_columns)]
        rows.append((dataset, row))
    return columns, rows


def fidelity_view(results: ResultsFile) -> list[dict[str, Any]]:
    """Return a table of metrics for each dataset that has some.

    Args:
        results: The results of the run.

    Returns:
        For each dataset its name as ``dataset``, its ``generators``, and ``rows`` with one entry per metric: ``name``,
        ``ids``, ``better``, ``measured`` (one measurement per generator, None where it is missing) and ``notes``.
    """
    tables = []
    for dataset in _unique(cell.dataset for cell in results.cells):
        by_generator = {
            cell.generator: {measurement["name"]: measurement for measurement in _with_seed_notes(cell)}
            for cell in reversed(results.cells)
            if cell.dataset == dataset and cell.variant is None and cell.generator and cell.measurements
        }
        generators = list(reversed(by_generator))
        names = _unique(name for generator in generators for name in by_generator[generator])
        rows = [_metric_row(name, [by_generator[generator].get(name) for generator in generators]) for name in names]
        if rows:
            tables.append({"dataset": dataset, "generators": generators, "rows": rows})
    return tables


def _with_seed_notes(cell: Cell) -> Iterator[dict[str, Any]]:
    """Yield a cell's measurements; the mean over several generator seeds has the single values in its note."""
    for measurement in mean_measurements(cell.measurements):
        values = seed_values(cell, measurement["id"])
        notes = (measurement["note"], f"{cell.generator}: {values}" if values else "")
        yield {**measurement, "note": "; ".join(filter(None, notes))}


def images_view(
    results: ResultsFile, pictures: Mapping[str, bytes], captions: Mapping[str, Any]
) -> tuple[DatasetImages, ...]:
    """Return the thumbnails of each dataset; sheets without a picture are left out.

    Args:
        results: The results of the run.
        pictures: Content of the pictures by file name.
        captions: Parsed caption files by file name.
    """
    datasets = []
    for dataset in _unique(cell.dataset for cell in results.cells):
        cells = [cell for cell in results.cells if cell.dataset == dataset]
        classes = next((cell.counts.classes for cell in cells if cell.counts), ())
        generators = _unique(cell.generator for cell in cells)
        planned = (
            ImageSection(
                "Real and synthetic images",
                "The first images of each class, not selected.",
                (
                    ThumbnailSheet(picture_name("thumbnails.webp", dataset), "real"),
                    *(ThumbnailSheet(picture_name("thumbnails.webp", dataset, name), name) for name in generators),
                ),
            ),
            ImageSection(
                "Least agreed images",
                "The synthetic images of each class whose label gets the lowest probability from classifiers trained "
                "on real images (ORG), with the classes that they predict.",
                tuple(_least_agreed(dataset, name, classes, captions) for name in generators),
            ),
            ImageSection(
                "Nearest training images",
                "The synthetic images of each class with the smallest distance to a training image, above that training"
                " image. If both look the same, the synthetic image is a copy.",
                tuple(
                    ThumbnailSheet(picture_name("neighbours.webp", dataset, name), name, rows=2) for name in generators
                ),
            ),
        )
        sections = tuple(
            ImageSection(section.title, section.explanation, sheets)
            for section in planned
            if (sheets := tuple(sheet for sheet in section.sheets if sheet.name in pictures))
        )
        if sections and classes:
            datasets.append(DatasetImages(dataset, classes[:MAX_CLASSES], len(classes), sections))
    return tuple(datasets)


def image_counts(results: ResultsFile) -> dict[str, str]:
    """Return for each dataset a sentence with its numbers of classes and images.

    Args:
        results: The results of the run.
    """
    sentences = {}
    for dataset in _unique(cell.dataset for cell in results.cells):
        org = next((c for c in results.cells if c.dataset == dataset and c.mode == "org" and c.counts), None)
        if org is not None and org.counts is not None:
            counts, size = org.counts, org.counts.size
            sentences[dataset] = (
                f"{len(counts.classes)} classes, {count(sum(counts.real))} real training images, "
                f"{count(sum(counts.evaluation))} real {results.evaluate} images"
            ) + (f", all resized to {size}x{size} pixels" if size else "")
    return sentences


def settings_view(results: ResultsFile) -> tuple[tuple[str, ...], tuple[SettingsTable, ...]]:
    """Return the settings of every stage.

    Args:
        results: The results of the run.

    Returns:
        The datasets with recorded settings, and the stages with one value per dataset for each setting.
    """
    datasets = [facts for facts in results.datasets if facts.settings]
    stages = []
    for stage in dict.fromkeys(stage for facts in datasets for stage in facts.settings):
        by_dataset = [facts.settings.get(stage, {}) for facts in datasets]
        names = dict.fromkeys(name for settings in by_dataset for name in settings)
        rows = tuple((name, tuple(settings.get(name, DASH) for settings in by_dataset)) for name in names)
        stages.append(SettingsTable(stage, rows))
    return tuple(facts.name for facts in datasets), tuple(stages)


def _table1_cell(cell: Cell | None, highest: float | None) -> Table1Cell:
    if cell is None:
        return Table1Cell(None)
    if cell.mean is None:
        return Table1Cell(cell, MISSING.get(cell.status, DASH).replace("-", DASH))
    metrics = ""
    if cell.mode == "syn":
        metrics = f"{short(metric_of(cell, 'is'))} / {short(metric_of(cell, *DISTANCES))}"
    deviation = ""
    if cell.expected and not cell.expected[0] <= cell.mean <= cell.expected[1]:
        side = "below" if cell.mean < cell.expected[0] else "above"
        deviation = f"{side} {cell.expected[0]:g} to {cell.expected[1]:g}"
    balanced = "" if cell.auroc is None else f"bal. {percent(cell.balanced_accuracy)}, AUROC {cell.auroc:.3f}"
    return Table1Cell(
        cell,
        f"{cell.mean:.1f}",
        best=cell.mean == highest and is_valid(cell),
        metrics=metrics,
        interval=_interval(cell),
        balanced=balanced,
        deviation=deviation,
        not_valid=not is_valid(cell),
    )


def _interval(cell: Cell) -> tuple[float, float] | None:
    """Return one interval over seeds and test images: the squares of the half-widths are added."""
    intervals = [interval for interval in (cell.interval, cell.image_interval) if interval]
    if not intervals or cell.mean is None:
        return None
    below = math.hypot(*(cell.mean - low for low, _ in intervals))
    above = math.hypot(*(high - cell.mean for _, high in intervals))
    return max(0.0, cell.mean - below), min(100.0, cell.mean + above)


def _metric_row(name: str, measured: Sequence[dict[str, Any] | None]) -> dict[str, Any]:
    measurements = [measurement for measurement in measured if measurement is not None]
    return {
        "name": name,
        "ids": _unique(measurement["id"] for measurement in measurements),
        "better": measurements[0]["better"],
        "measured": measured,
        "notes": _unique(measurement["note"] for measurement in measurements),
    }


def _least_agreed(dataset: str, generator: str, classes: Sequence[str], captions: Mapping[str, Any]) -> ThumbnailSheet:
    """Return the sheet of least agreed images, with the predicted classes of each row as its caption."""
    rows = captions.get(picture_name("least-agreed.json", dataset, generator), ())
    lines = []
    for label, row in enumerate(rows[: len(classes)]):
        predicted = Counter(image["taken_for"] for image in row)
        names = {**dict(enumerate(classes)), label: "correct class"}
        parts = (f"{names.get(other, other)}{TIMES}{times}" for other, times in predicted.most_common())
        lines.append(f"predicted: {', '.join(parts)}")
    return ThumbnailSheet(picture_name("least-agreed.webp", dataset, generator), generator, captions=tuple(lines))


def _unique(names: Iterable[str | None]) -> list[str]:
    """Return the names that are not empty, each once, in their order."""
    return list(dict.fromkeys(name for name in names if name))

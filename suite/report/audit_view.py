"""The audits of synthetic sets on the page: one sentence for the answer, and the worst and best images."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from suite.audit.audit import AuditSummary
from suite.pictures.picture import picture_name, table_name
from suite.pictures.sheet_layout import MAX_CLASSES
from suite.report.comparisons import is_ceiling
from suite.report.numbers import correlation, count, points, short
from suite.results.models import Cell, ResultsFile

STANDARD_ERRORS = 2.0  # by which the share of synthetic images must exceed that of real ones
REMOVED = 0.9  # share of the images with contradicted labels that a filter removes, to be named with them
LABEL_CHECKS = ("exchanged classes", "classes that look like another", "classes that are hardly recognised")
REPEATED = "repeated images"


@dataclass(frozen=True)
class AuditedImage:
    """One image.

    Attributes:
        caption: The predicted class if it is not the label, and the probability of the label.
        influence: Its influence; empty if it is missing.
        title: Everything that is known about it, for the pointer.
    """

    caption: str
    influence: str
    title: str


@dataclass(frozen=True)
class AuditedRow:
    """The worst or the best images of a class.

    Attributes:
        name: Name of the class.
        end: ``worst`` or ``best``.
        images: The images, in their order on the sheet.
    """

    name: str
    end: str
    images: tuple[AuditedImage, ...]


@dataclass(frozen=True)
class AuditedSet:
    """The audit of one synthetic set.

    Attributes:
        title: Dataset and generator.
        sheet: File name of the thumbnails.
        table: File name of the table in the report folder.
        facts: What was found in the whole set, and why columns are empty.
        rows: Two rows a class, in the order of the sheet.
    """

    title: str
    sheet: str
    table: str
    facts: tuple[str, ...]
    rows: tuple[AuditedRow, ...]


def audited_sets(
    results: ResultsFile, pictures: Mapping[str, bytes], captions: Mapping[str, Any]
) -> tuple[AuditedSet, ...]:
    """Return the audits of the sets that have pictures.

    Args:
        results: The results of the run.
        pictures: Content of the pictures by file name.
        captions: Parsed caption files by file name.
    """
    sets = []
    for cell, summary in _audited(results.cells):
        generator = str(cell.generator)
        sheet = picture_name("audited.webp", cell.dataset, generator)
        entries = captions.get(picture_name("audited.json", cell.dataset, generator))
        if sheet not in pictures or not entries or cell.counts is None:
            continue
        names = cell.counts.classes
        rows = [
            AuditedRow(
                names[number // 2], ("worst", "best")[number % 2], tuple(_image(one, number // 2, names) for one in row)
            )
            for number, row in enumerate(entries[: 2 * min(len(names), MAX_CLASSES)])
        ]
        sets.append(
            AuditedSet(
                title=f"{cell.dataset}, {generator}",
                sheet=sheet,
                table=table_name(cell.dataset, generator),
                facts=tuple(_facts(summary)),
                rows=tuple(rows),
            )
        )
    return tuple(sets)


def wrong_images(cells: Sequence[Cell]) -> tuple[str, ...]:
    """Return a sentence on each generator's images of one dataset with which something is wrong.

    Labels are contradicted in more images than by chance: the share of synthetic images is larger than that of real
    held-out ones by two standard errors of the difference. What removing them changes is said only of filtered cells
    that were run.
    """
    sentences = []
    for cell, summary in _audited(cells):
        found, images = sum(summary.contradicted), sum(summary.images)
        parts = []
        if _more(found, images, summary.real_contradicted, summary.real_images):
            real = 100 * summary.real_contradicted / summary.real_images
            parts.append(
                f"{count(found)} of {count(images)} images are labelled against what they show: ORG predicts another "
                f"class with at least {100 * summary.least:.0f} % (of real images {real:.1f} %)"
            )
            if any(check.name in LABEL_CHECKS and check.found for check in cell.checks):
                parts[-1] += ", among them images of the classes that the checks name"
            parts += _without_them(cell, summary, cells)
        repeated = any(check.name == REPEATED and check.found for check in cell.checks)
        if summary.duplicates and not repeated:
            parts.append(f"{count(summary.duplicates)} of {count(images)} images repeat an earlier one pixel for pixel")
        if parts:
            sentences.append(f"{cell.generator}: {'; '.join(parts)}")
    return tuple(sentences)


def _audited(cells: Iterable[Cell]) -> Iterator[tuple[Cell, AuditSummary]]:
    """Yield each audited set of synthetic images once."""
    seen = set()
    for cell in cells:
        if cell.audit is not None and not is_ceiling(cell) and (cell.dataset, cell.generator) not in seen:
            seen.add((cell.dataset, cell.generator))
            yield cell, cell.audit


def _more(found: int, images: int, real_found: int, real_images: int) -> bool:
    """Return whether a share is larger than that of real images by more than chance."""
    if not found or not real_images:
        return False
    share, real_share = found / images, real_found / real_images
    variance = share * (1 - share) / images + real_share * (1 - real_share) / real_images
    return bool(share - real_share > STANDARD_ERRORS * variance**0.5)


def _without_them(cell: Cell, summary: AuditSummary, cells: Sequence[Cell]) -> Iterator[str]:
    """Yield what removing these images changes, if it was run: by the filter that removes the fewest others."""
    allowed = (1 - REMOVED) * sum(summary.contradicted)
    of_generator = [one for one in cells if one.generator == cell.generator and one.comparison]
    of_table1 = {one.mode: one.comparison for one in of_generator if one.variant is None}
    by_filter: dict[str, list[str]] = {}
    for one in of_generator:
        name, before = (one.variant or "").removeprefix("filter-"), of_table1.get(one.mode)
        if one.variant == f"filter-{name}" and name in summary.filters and before and one.comparison:
            after = points(one.comparison.difference)
            by_filter.setdefault(name, []).append(f"{one.mode.upper()} {after} instead of {points(before.difference)}")
    removing = [name for name in by_filter if summary.filters[name].contradicted <= allowed]
    if removing:
        name = max(removing, key=lambda name: summary.filters[name].kept)
        kept = count(summary.filters[name].kept)
        changes = ", ".join(by_filter[name])
        yield f"without them (filter {name} keeps {kept}), against ORG: {changes} points (exploratory)"


def _facts(summary: AuditSummary) -> Iterator[str]:
    found, images = sum(summary.contradicted), sum(summary.images)
    yield (
        f"Contradicted labels: {count(found)} of {count(images)} images, and {count(summary.real_contradicted)} of "
        f"{count(summary.real_images)} real held-out ones (another class has at least {100 * summary.least:.0f} %)."
    )
    where = "of any image of the train split" if summary.searched else "of training images, by the copying metric"
    yield f"Copies ({where}): {count(summary.copies)}. Repeated images: {count(summary.duplicates)}."
    if summary.influence:
        agreement = summary.influence.agreement
        yield (
            f"Influence: by how many nats the log loss of a linear probe on {count(summary.influence.real_images)} "
            f"real training images, held out in turn, would rise without the image (features {summary.space}). "
            "Negative: it does harm."
        ) + ("" if agreement is None else f" Rank correlation between folds: {correlation(agreement)}.")
    if summary.filters:
        kept = ", ".join(f"{name} {count(outcome.kept)}" for name, outcome in summary.filters.items())
        yield f"Filters would keep: {kept}."
    for column, reason in summary.missing.items():
        yield f"{column} is empty: {reason}."


def _image(entry: Mapping[str, Any], label: int, names: Sequence[str]) -> AuditedImage:
    predicted = names[entry["predicted"]] if entry["predicted"] < len(names) else str(entry["predicted"])
    probability, influence = f"{entry['probability']:.2f}", entry["influence"]
    known = [f"image {entry['index']}: label {names[label]}", f"predicted {predicted}", f"label has {probability}"]
    text = "" if influence is None else short(1000 * influence)
    return AuditedImage(
        caption=probability if entry["predicted"] == label else f"{predicted} {probability}",
        influence=text,
        title=", ".join([*known, *([f"influence {text} thousandths of a nat"] if text else [])]),
    )

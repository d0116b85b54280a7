"""Publishing a report: earlier reports are read and merged, figures drawn, and the files written."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from suite.artifacts import Store
from suite.errors import UsageError
from suite.results.bundle import RESULTS, find_bundle, read_bundle, read_results
from suite.results.models import ResultsFile

Bundle = tuple[ResultsFile, Mapping[str, bytes]]


@dataclass(frozen=True)
class EarlierReports:
    """The earlier reports that a run needs, read before anything is written.

    Attributes:
        compare: Results to compare with; None if there is nothing to compare.
        merge: Bundles whose datasets are added.
        bundle: The bundle that the report is made from (``--report-only``); None if it is made from the store.
    """

    compare: ResultsFile | None = None
    merge: tuple[Bundle, ...] = ()
    bundle: Bundle | None = None

    @classmethod
    def read(
        cls, *, compare: Path | None, merge: tuple[Path, ...], bundle_of: tuple[Path, str] | None
    ) -> "EarlierReports":
        """Read the files.

        Args:
            compare: ``results.json`` or bundle.
            merge: Bundles.
            bundle_of: Directory of reports and name of the profile whose bundle is read.

        Raises:
            UsageError: If a file is missing or cannot be read.
        """
        return cls(
            compare=read_results(compare) if compare is not None else None,
            merge=tuple(read_bundle(path) for path in merge),
            bundle=find_bundle(*bundle_of) if bundle_of is not None else None,
        )


@dataclass(frozen=True)
class Report:
    """Results with their pictures.

    Attributes:
        results: The results.
        pictures: File name in the report to picture, as a file or as its content.
    """

    results: ResultsFile
    pictures: Mapping[str, Path | bytes]


def merge_bundles(report: Report, bundles: tuple[Bundle, ...]) -> Report:
    """Add the datasets of earlier bundles to a report."""
    from suite.pictures.picture import is_picture_of
    from suite.results.merging import merged, taken_from

    results, pictures = report.results, dict(report.pictures)
    for earlier, files in bundles:
        datasets = taken_from(results, earlier)
        pictures |= {
            file: content for file, content in files.items() if any(is_picture_of(file, name) for name in datasets)
        }
        results = merged(results, earlier)
    return Report(results, pictures)


def with_figures(report: Report, store: Store, on_damage: Callable[[str], None]) -> Report:
    """Draw the figures over all datasets; ``on_damage`` gets a line for every damaged figure in the store."""
    from suite.report.figures import build_figures

    results, figures = build_figures(report.results, store, on_damage)
    return Report(results, {**report.pictures, **figures})


def write(report: Report, reports: Path, compare: ResultsFile | None) -> str:
    """Write a report and return what the replaced report had that this one does not; empty if nothing.

    Args:
        report: Results and pictures.
        reports: Directory of reports; the report is written to a subdirectory named after the profile.
        compare: Results of an earlier run to compare with.

    Raises:
        UsageError: If the directory cannot be written.
    """
    from suite.report.replaced_report import replaced
    from suite.report.writer import write_report

    lost = ""
    with suppress(UsageError):  # there is no earlier report, or one of another version
        lost = replaced(read_results(reports / report.results.profile / RESULTS), report.results)
    write_report(report.results, reports, report.pictures, compare)
    return lost

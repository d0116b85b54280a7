"""The checks of a dataset and its synthetic sets as one table: what was found, not looked for, and not found."""

from collections.abc import Iterator
from dataclasses import dataclass

from suite.datasets.checks import SEVERITIES, Check, summary_line
from suite.results.models import ResultsFile

REAL = "real images"


@dataclass(frozen=True)
class CheckRow:
    """One row: one outcome of a check.

    Attributes:
        check: The outcome.
        subjects: What it is the outcome for: the real images, and names of generators.
    """

    check: Check
    subjects: str

    @property
    def outcome(self) -> str:
        """The outcome in words."""
        return "; ".join(self.check.found) or (f"not run: {self.check.not_run}" if self.check.not_run else "passed")


@dataclass(frozen=True)
class DatasetChecks:
    """The checks of a dataset.

    Attributes:
        dataset: Name of the dataset.
        summary: How many rows passed, and how many found something, as ``Checks: 14 passed, 1 warning``.
        rows: What was found, the most serious first, then what was not run, then what passed.
        warnings: The warnings, each with the dataset or the generator it is about.
    """

    dataset: str
    summary: str
    rows: tuple[CheckRow, ...]
    warnings: tuple[str, ...]


def check_tables(results: ResultsFile) -> dict[str, DatasetChecks]:
    """Return the checks of each dataset that has some, by its name.

    Of the cells of sweeps, only what was found is listed.
    """
    tables = {}
    for dataset in dict.fromkeys(cell.dataset for cell in results.cells):
        subjects: dict[Check, dict[str, None]] = {}
        for check, subject in _outcomes(results, dataset):
            subjects.setdefault(check, {})[subject] = None
        if subjects:
            ordered = sorted(subjects, key=_rank)
            tables[dataset] = DatasetChecks(
                dataset,
                summary_line(ordered),
                tuple(CheckRow(check, ", ".join(subjects[check])) for check in ordered),
                tuple(
                    f"{dataset if subject == REAL else f'{dataset}-{subject}'}: {text}"
                    for check in ordered
                    if check.severity == "warning"
                    for text in check.found
                    for subject in subjects[check]
                ),
            )
    return tables


def warnings(results: ResultsFile) -> tuple[str, ...]:
    """Return the warnings of all datasets. What makes a cell not valid is the reason of its verdict."""
    return tuple(line for table in check_tables(results).values() for line in table.warnings)


def _outcomes(results: ResultsFile, dataset: str) -> Iterator[tuple[Check, str]]:
    """Yield every outcome and what it is about."""
    for facts in results.datasets:
        if facts.name == dataset:
            yield from ((check, REAL) for check in facts.checks)
    for cell in results.cells:
        if cell.dataset == dataset:
            name = " ".join(filter(None, (cell.generator, cell.variant)))
            yield from ((check, name) for check in cell.checks if check.found or not cell.variant)


def _rank(check: Check) -> tuple[bool, bool, int]:
    return check.passed, bool(check.not_run), SEVERITIES.index(check.severity)

"""The Python API: ``evaluate``, ``load`` and ``compare``, which are also attributes of ``suite``."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite.benchmark import Benchmark
from suite.errors import UsageError
from suite.judge import AnyPath, AnySets, judge_options, named_sets, page_of, run, terminal_progress
from suite.planning.case_files import cases_folder
from suite.planning.options import JUDGE_OPTIONS, Option
from suite.results.bundle import BUNDLE, RESULTS, read_results
from suite.results.models import Cell, ResultsFile

if TYPE_CHECKING:
    from pandas import DataFrame

ONLY_ON_THE_COMMAND_LINE = ("plan", "fail-on")
SHOWN = ("dataset", "generator", "mode", "variant", "accuracy", "difference", "low", "high", "verdict")


@dataclass(frozen=True)
class Results:
    """The results of a run.

    Attributes:
        file: The content of ``results.json``.
        page: The page of the report; None if only ``results.json`` or a bundle was read.
    """

    file: ResultsFile
    page: Path | None

    @property
    def answer(self) -> str:
        """Does synthetic data help? One sentence, or with several datasets one line each.

        Classes and groups that do not follow the average are named in further sentences.
        """
        from suite.report.answers import answers

        lines = {
            answer.dataset: " ".join((answer.headline, *(f"{line}." for line in answer.hidden)))
            for answer in answers(self.file)
        }
        return "\n".join(text if len(lines) == 1 else f"{name}: {text}" for name, text in lines.items())

    @property
    def table(self) -> list[dict[str, Any]]:
        """A row for every cell: the first is ``org``, then ``syn`` and ``mix`` of each set. Missing values are None.

        ``accuracy`` is in percent; ``difference``, ``low`` and ``high``, the difference from ``org`` and its interval,
        are in points of accuracy. ``seeds`` is the number of classifiers, ``fd`` the Fréchet distance to the real
        training images.
        """
        return [_row(cell) for cell in self.file.cells]

    def to_frame(self) -> "DataFrame":
        """Return the table as a pandas data frame.

        Raises:
            UsageError: If pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise UsageError("pandas is not installed: pip install pandas, or use .table") from error
        return pd.DataFrame(self.table)

    def __str__(self) -> str:
        from suite.report.tables import differences
        from suite.report.terminal import plain

        return f"{self.answer}\n\n{plain(differences(self.file))}"

    def _repr_html_(self) -> str:
        """Return the answer, the main columns of the table and a link to the page, for a notebook."""
        link = f'<p><a href="{escape(self.page.absolute().as_uri())}">report</a></p>' if self.page else ""
        answer = "".join(f"<p><b>{escape(line)}</b></p>" for line in self.answer.splitlines())
        return answer + _html_table(SHOWN, ([row[name] for name in SHOWN] for row in self.table)) + link


@dataclass(frozen=True)
class Changes:
    """Which cells changed between two runs beyond noise.

    Attributes:
        table: A row of text for every changed cell: case, before, now, change, noise and verdict.
        notes: How many cells did not change, and what makes the runs different experiments.
        text: The table and the notes as text.
    """

    table: list[dict[str, str]]
    notes: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        """Return the table and the notes, for a notebook."""
        rows = _html_table(tuple(self.table[0]), (list(row.values()) for row in self.table)) if self.table else ""
        return rows + "".join(f"<p>{escape(note)}</p>" for note in self.notes)


def evaluate(
    real: AnyPath,
    synthetic: AnySets,
    *,
    classifier: str | None = None,
    profile: str | None = None,
    **options: Any,
) -> Results:
    """Evaluate whether synthetic images help a classifier of real ones, and write a report.

    Args:
        real: Directory or zip of the real images: ``class/file``, or ``train/class/file`` and ``test/class/file``.
        synthetic: Directory or zip of the synthetic images, ``class/file``; several in a sequence, or in a mapping from
            the names that the report shows. Without a mapping the name is that of the directory or zip.
        classifier: Name of the classifier; None is ``linear-probe``, which answers in minutes.
        profile: Name of the profile; None is one that fits the images and this machine.
        **options: Options of ``suite judge``, with underscores: ``seeds=5``, ``per_class=100``, ``store="DIR"``.

    Raises:
        SuiteError: If an option or the images cannot be used, or nothing could be evaluated; the message is one line.
    """
    given = _given({"classifier": classifier, "profile": profile, **options})
    benchmark = Benchmark(
        judge_options(real, named_sets(synthetic), given), cases_folder(Path.cwd()), terminal_progress()
    )
    run(benchmark)
    assert benchmark.results is not None
    return Results(benchmark.results, page_of(benchmark))


def load(path: AnyPath) -> Results:
    """Return the results of an earlier run.

    Args:
        path: ``results.json`` or ``bundle.zip`` of a report, or the directory of the report.

    Raises:
        UsageError: If it cannot be read.
    """
    from suite.report.writer import PAGE

    file = Path(path).expanduser()
    if file.is_dir():
        file = next((found for name in (RESULTS, BUNDLE) if (found := file / name).is_file()), file / RESULTS)
    page = file.with_name(PAGE)
    return Results(read_results(file), page if page.is_file() else None)


def compare(a: Results | AnyPath, b: Results | AnyPath) -> Changes:
    """Return which cells changed beyond noise from one run to another.

    Args:
        a: The earlier run, or the path of its results.
        b: The later run.

    Raises:
        UsageError: If a file cannot be read.
    """
    from suite.report import changes
    from suite.report.terminal import plain

    old, new = (given if isinstance(given, Results) else load(given) for given in (a, b))
    table = changes.compare(old.file, new.file)
    return Changes([dict(zip(table.head, row, strict=True)) for row in table.rows], table.notes, plain(table))


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return keyword arguments as the text that the same options have on the command line.

    Raises:
        UsageError: If there is no such option, or a value is of the wrong kind.
    """
    options = {option.python_name: option for option in JUDGE_OPTIONS if option.name not in ONLY_ON_THE_COMMAND_LINE}
    for name in values:
        if name not in options:
            near = difflib.get_close_matches(name, options, 1)
            hint = f": do you mean {near[0]}?" if near else f": choose from {', '.join(options)}"
            raise UsageError(f"evaluate() has no option {name}{hint}")
    return {options[name].name: _text(options[name], value) for name, value in values.items() if value is not None}


def _text(option: Option, value: Any) -> Any:
    if option.flag != isinstance(value, bool):
        raise UsageError(f"{option.python_name}={value!r}: {'choose True or False' if option.flag else 'give a value'}")
    if option.flag:
        return value
    if option.many:
        return [str(one) for one in ([value] if isinstance(value, str | PathLike) else value)]
    return str(value)


def _row(cell: Cell) -> dict[str, Any]:
    from suite.report.tables import DISTANCES, metric_of

    counts, difference, judgement = cell.counts, cell.comparison, cell.judgement
    low, high = (judgement and judgement.interval) or (None, None)
    return {
        "dataset": cell.dataset,
        "generator": cell.generator,
        "mode": cell.mode,
        "variant": cell.variant,
        "status": cell.status,
        "accuracy": cell.mean,
        "difference": difference and difference.difference,
        "low": low,
        "high": high,
        "verdict": str(judgement.verdict) if judgement else None,
        "reason": (judgement.reason if judgement else cell.reason) or None,
        "seeds": len(cell.accuracies),
        "real_images": sum(counts.real) if counts else None,
        "synthetic_images": sum(counts.synthetic) if counts else None,
        "fd": metric_of(cell, *DISTANCES),
    }


def _html_table(head: tuple[str, ...], rows: Iterable[list[Any]]) -> str:
    def line(tag: str, values: Iterable[Any]) -> str:
        return f"<tr>{''.join(f'<{tag}>{escape(_shown(value))}</{tag}>' for value in values)}</tr>"

    return f"<table>{line('th', head)}{''.join(line('td', row) for row in rows)}</table>"


def _shown(value: Any) -> str:
    return "" if value is None else f"{value:.1f}" if isinstance(value, float) else str(value)

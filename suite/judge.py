"""Evaluation of one's own images, without pytest: what ``suite judge`` and ``suite.evaluate`` have in common."""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from os import PathLike
from pathlib import Path
from typing import Any

from suite.benchmark import Benchmark
from suite.engines.background import NotBuilt
from suite.engines.progress import ProgressBar
from suite.errors import SuiteError, UsageError
from suite.planning.case import AnyCase, Case
from suite.planning.commands import judge_command
from suite.planning.options import option_values
from suite.planning.run_options import RunOptions, check_options

AnyPath = str | PathLike[str]
AnySets = AnyPath | Iterable[AnyPath] | Mapping[str, AnyPath]


def judge_options(real: AnyPath, sets: Sequence[tuple[str, Path]], given: Mapping[str, Any]) -> RunOptions:
    """Return the checked options for one's own images, with ``.store`` and ``reports`` in this directory.

    Args:
        real: Path of the real images.
        sets: Name and path of every synthetic set.
        given: Text of the other options by name, as for ``option_values``.

    Raises:
        UsageError: If there is no set, two sets have the same name, a name cannot be used in a test id, or another
            option cannot be used.
    """
    if not sets:
        raise UsageError("no synthetic images are given: give at least one directory or zip of class/file")
    paths: dict[str, Path] = {}
    for name, path in sets:
        if name in paths:
            raise UsageError(f"{paths[name]} and {path} would both be called {name}: give one of them another name")
        if not re.fullmatch(r"[\w.-]+", name):
            raise UsageError(f"{name!r} cannot name a synthetic set: use letters, digits, '.', '-' and '_'")
        paths[name] = path
    synthetic = [f"{name}={path}" for name, path in paths.items()]
    return check_options(option_values({**given, "real": [str(real)], "synthetic": synthetic}), Path.cwd())


def named_sets(synthetic: AnySets) -> list[tuple[str, Path]]:
    """Return name and path of every synthetic set; without a mapping, the name is that of the directory or zip."""
    if isinstance(synthetic, Mapping):
        return [(name, Path(path)) for name, path in synthetic.items()]
    paths = [synthetic] if isinstance(synthetic, str | PathLike) else synthetic
    return [(set_name(path), path) for path in map(Path, paths)]


def set_name(path: Path) -> str:
    """Return the name of a directory or zip as the name of a synthetic set, with '-' for other characters."""
    name = path.expanduser().absolute().name
    return re.sub(r"[^\w.-]+", "-", name.removesuffix(".zip")).strip("-.") or "synthetic"


def run(benchmark: Benchmark) -> str:
    """Run all cases of one's own images and write the report.

    Returns:
        What the replaced report had that this one does not, as text.

    Raises:
        SuiteError: If nothing could be evaluated, or the report cannot be written.
    """
    benchmark.check()
    select_all(benchmark)
    benchmark.prepare_store()
    try:
        benchmark.start()
        for case in benchmark.selected:
            try:
                _ = benchmark.cell(case) if isinstance(case, Case) else benchmark.discriminator(case)
            except SuiteError as error:
                benchmark.set_problem(case, error)
    finally:
        benchmark.stop()
    if len(benchmark.problems) == len(benchmark.selected):
        raise NotBuilt(next(reason for _, reason in benchmark.problems.values()))
    return benchmark.write_report(judge_command(benchmark.options))


def select_all(benchmark: Benchmark) -> None:
    """Select every case: Table 1, the sweeps that were asked for, and the discriminator table."""
    catalog = benchmark.catalog
    cases: tuple[AnyCase, ...] = (*catalog.table1, *catalog.variants, *catalog.discriminators)
    for case in cases:
        benchmark.select(case)


def terminal_progress() -> ProgressBar:
    """Return a bar on the terminal, or lines where the standard error is not a terminal, as in a notebook."""
    return ProgressBar(lambda: nullcontext(sys.stderr))


def page_of(benchmark: Benchmark) -> Path:
    """Return the path of the page that a run has written."""
    from suite.report.writer import PAGE

    return benchmark.options.reports / benchmark.profile.name / PAGE

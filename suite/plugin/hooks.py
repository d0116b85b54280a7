"""The pytest hooks."""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, TextIO, cast

import pytest

from suite.benchmark import Benchmark
from suite.console import failures, header, incidents, summary
from suite.engines.progress import ProgressBar
from suite.errors import SuiteError, UsageError
from suite.planning.case import Case, DiscriminatorCase
from suite.planning.case_files import cases_folder
from suite.planning.run_options import check_options
from suite.plugin import xdist
from suite.plugin.clock import recorded_clock
from suite.plugin.command import command_of_run
from suite.plugin.fixtures import BENCHMARK
from suite.plugin.options import option_values
from suite.registry import RESERVED_WORDS

REPORT_ERROR = pytest.StashKey[str]()
REPLACED = pytest.StashKey[str]()
FIXTURES = {"case", "discriminator"}


@contextmanager
def _usage_errors() -> Iterator[None]:
    """Turn the suite's usage errors into pytest's, which are printed as one line."""
    try:
        yield
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_configure(config: pytest.Config) -> None:
    """Check the options and create the run."""
    config.addinivalue_line("markers", "sweep: variants of the cells of Table 1, run with --sweep")
    with _usage_errors():
        options = check_options(option_values(config), config.rootpath)
        progress = ProgressBar(partial(_terminal, config))
        benchmark = Benchmark(options, cases_folder(config.rootpath), progress, xdist.share(config))
        benchmark.started_at = xdist.started_at(config, benchmark.started_at)
        config.stash[BENCHMARK] = benchmark
        if _includes_cases(config):
            benchmark.check()
            if hasattr(config.option, "benchmark_columns") and not _is_given(config, "--benchmark-columns"):
                config.option.benchmark_columns = ["mean"]  # of one recorded time: minimum and maximum are equal


def pytest_report_header(config: pytest.Config) -> list[str] | None:
    """Show profile, device, store and the datasets that are on this machine."""
    if not _includes_cases(config):
        return None
    return header(config.stash[BENCHMARK])


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Collect the sweeps only with ``--sweep``."""
    sweeps = cases_folder(config.rootpath) / "test_sweeps.py"
    return True if collection_path == sweeps and not config.stash[BENCHMARK].options.axes else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise tests by (dataset, generator, mode), and discriminator tests by (dataset, generator)."""
    folder = cases_folder(metafunc.config.rootpath)
    if folder not in metafunc.definition.path.parents or not FIXTURES & set(metafunc.fixturenames):
        return
    catalog = metafunc.config.stash[BENCHMARK].catalog
    with _usage_errors():
        if "case" in metafunc.fixturenames:
            swept = metafunc.definition.get_closest_marker("sweep") is not None
            cases = catalog.variants if swept else catalog.table1
            metafunc.parametrize("case", cases, ids=[case.id for case in cases])
        if "discriminator" in metafunc.fixturenames:
            pairs = catalog.discriminators
            metafunc.parametrize("discriminator", pairs, ids=[pair.id for pair in pairs])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect cases whose dataset is absent, unless it is named; show recorded times; warn about ambiguous words."""
    benchmark = config.stash[BENCHMARK]
    with_case = [(item, case) for item in items if (case := _case(item)) is not None]
    for item, _ in with_case:
        if "recorded" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.benchmark(timer=recorded_clock))
    if not with_case:
        return
    words = set(re.findall(r"[\w.-]+", config.getoption("keyword"))) - {"and", "or", "not"}
    for word in sorted(words & {*RESERVED_WORDS, *benchmark.catalog.rows}):
        if also := [name for name in benchmark.catalog.rows if word in name.casefold() and word != name]:
            warnings.warn(f"-k {word} also selects dataset {', '.join(also)}", pytest.PytestWarning, 2)
    if benchmark.options.dry_run or benchmark.options.report_only or config.option.collectonly:
        return
    absent = [name for name in benchmark.catalog.absent if not _is_named(name, words, config.args)]
    deselected = [item for item, case in with_case if case.dataset in absent]
    if deselected:
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if item not in deselected]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Select the cases of the collected tests."""
    for item in session.items:
        if (case := _case(item)) is not None:
            session.config.stash[BENCHMARK].select(case)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Start the run before its first test, or print the plan of a dry run and stop."""
    benchmark = session.config.stash[BENCHMARK]
    if benchmark.options.report_only and not session.testsfailed:
        return True
    if session.config.option.collectonly or session.testsfailed or not benchmark.selected:
        return None
    with _usage_errors():
        benchmark.prepare_store()
        if benchmark.options.dry_run:
            text, session.testsfailed = benchmark.preview()
            session.config.get_terminal_writer().write(text)
            return True
        benchmark.start()
    return None


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Stop building and write the report; an xdist worker sends its state to the controller instead."""
    config = session.config
    benchmark = config.stash[BENCHMARK]
    benchmark.stop()
    if xdist.is_worker(config):
        xdist.send(config, benchmark)
    elif _has_report(config, exitstatus):
        try:
            config.stash[REPLACED] = benchmark.write_report(command_of_run(config, benchmark.options))
            if benchmark.failed_on and exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
            if benchmark.options.report_only and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
                session.exitstatus = pytest.ExitCode.OK
        except SuiteError as error:
            config.stash[REPORT_ERROR] = str(error)
            session.exitstatus = pytest.ExitCode.USAGE_ERROR


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Send the start time to an xdist worker."""
    xdist.configure_worker(node, node.config.stash[BENCHMARK])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Receive the state of an xdist worker."""
    xdist.receive(node, node.config.stash[BENCHMARK])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the tables, the absent datasets and what went wrong."""
    benchmark = config.stash[BENCHMARK]
    for line in incidents(benchmark, config.stash.get(REPLACED, "")):
        terminalreporter.write_line(line, yellow=True)
    if REPORT_ERROR in config.stash:
        terminalreporter.write_line(f"ERROR: {config.stash[REPORT_ERROR]}", red=True)
    if benchmark.results is not None:
        terminalreporter.write_line(summary(benchmark))
        for line in failures(benchmark):
            terminalreporter.write_line(line, red=True)
        if not benchmark.options.report_only and (absent := benchmark.catalog.absent):
            terminalreporter.write_line(f"not on this machine: {', '.join(absent)}; see --data-root and --download")


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_group_stats(config: pytest.Config, benchmarks: list[Any]) -> list[tuple[str, list[Any]]] | None:
    """Name the table of recorded build times."""
    return [("recorded build time of the cases", benchmarks)] if _includes_cases(config) else None


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """Add the origin of the times to the machine information."""
    machine_info["times"] = "recorded when the artifacts were built"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop building, however the session ends."""
    if BENCHMARK in config.stash:
        config.stash[BENCHMARK].stop()


@contextmanager
def _terminal(config: pytest.Config) -> Iterator[TextIO | None]:
    """Yield the terminal at the start of a line, with output capturing disabled; None in an xdist worker."""
    reporter: Any = config.pluginmanager.getplugin("terminalreporter")
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    if reporter is None:
        yield None
        return
    with capture.global_and_fixture_disabled() if capture else nullcontext():
        reporter.ensure_newline()
        yield cast("TextIO", reporter._tw._file)


def _case(item: pytest.Item) -> Case | DiscriminatorCase | None:
    """Return the case of a test; None if it has none."""
    params = getattr(getattr(item, "callspec", None), "params", {})
    values = (params.get(name) for name in FIXTURES)
    return next((value for value in values if isinstance(value, Case | DiscriminatorCase)), None)


def _is_named(dataset: str, words: set[str], arguments: list[str]) -> bool:
    """Return whether a test id or a word of ``-k`` names a dataset: ``cifar``, ``cifar10`` or ``cifar10-org``."""
    name, names = dataset.casefold(), {word.casefold() for word in words} - set(RESERVED_WORDS)
    ids = "".join(argument.partition("::")[2] for argument in arguments)
    return dataset in ids or any(word in name or name in word for word in names)


def _is_given(config: pytest.Config, option: str) -> bool:
    return any(argument.startswith(option) for argument in config.invocation_params.args)


def _has_report(config: pytest.Config, exitstatus: int) -> bool:
    """Return whether a session that ends with ``exitstatus`` has results to report."""
    benchmark = config.stash[BENCHMARK]
    if config.option.collectonly or benchmark.options.dry_run or exitstatus == pytest.ExitCode.USAGE_ERROR:
        return False
    return bool(benchmark.selected or benchmark.options.report_only) and _includes_cases(config)


def _includes_cases(config: pytest.Config) -> bool:
    """Return whether the session collects the cases; it may collect only other tests."""
    folder = cases_folder(config.rootpath)
    paths = [config.invocation_params.dir / argument.split("::")[0] for argument in config.args]
    return any(path == folder or folder in path.parents or path in folder.parents for path in paths)

"""The hooks: when pytest does what, and what the suite does then."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any, TextIO, cast

import pytest

from suite import devices
from suite.engines.progress import ProgressBar
from suite.errors import SuiteError, UsageError
from suite.planning.case import Case
from suite.planning.run_options import run_options
from suite.plugin.clock import recorded_clock
from suite.plugin.command import command_of_run
from suite.plugin.fixtures import SESSION
from suite.plugin.options import OPTIONS
from suite.plugin.session import BenchmarkSession
from suite.registry import reserved_in
from suite.results.bundle import BUNDLE as BUNDLE_FILE
from suite.results.bundle import RESULTS as RESULTS_FILE
from suite.results.bundle import find_bundle, read_bundle, read_results
from suite.results.models import Results

CASES = "cases"
ERROR = pytest.StashKey[str]()
RESULTS = pytest.StashKey[Results]()
EARLIER = pytest.StashKey[Results]()
BUNDLE = pytest.StashKey[tuple[Results, Mapping[str, bytes]]]()
REPLACED = pytest.StashKey[str]()
MERGED = pytest.StashKey[Sequence[tuple[Results, Mapping[str, bytes]]]]()


def pytest_configure(config: pytest.Config) -> None:
    """Check the options before anything is collected; a mistake is a usage error, one line."""
    try:
        settings = run_options({option.name: option.value(config) for option in OPTIONS}, config.rootpath)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error

    worker = getattr(config, "workerinput", {})
    part = int(worker.get("workerid", "gw0").removeprefix("gw")), int(worker.get("workercount", 1))
    ours = BenchmarkSession(settings, config.rootpath / CASES, ProgressBar(partial(_terminal, config)), part)
    ours.began = worker.get("suite_began", ours.began)
    config.stash[SESSION] = ours
    if _concerned(config):
        try:
            ours.cells.rows  # noqa: B018 - read here, so that a mistake in one is a usage error too
            if settings.compare is not None:  # read before it is written anew
                config.stash[EARLIER] = read_results(settings.compare)
            config.stash[MERGED] = [read_bundle(path) for path in settings.merge]
            if settings.report_only:
                config.stash[BUNDLE] = find_bundle(settings.reports, settings.profile)
        except UsageError as error:
            raise pytest.UsageError(str(error)) from error


def pytest_report_header(config: pytest.Config) -> list[str] | None:
    """Say profile, device, store and the data that was found."""
    session = config.stash[SESSION]
    if not _concerned(config):
        return None
    settings = session.settings
    found = ", ".join(session.cells.found()) or "none"
    if settings.report_only:
        return [f"report again from {settings.reports / settings.profile / BUNDLE_FILE}, nothing is run"]
    where = f", engine: ray at {settings.ray_address}" if settings.engine == "ray" else ""
    return [
        f"profile: {settings.profile} ({session.profile.base.title}), device: {settings.device}{where}",
        *([f"device: {lacks}"] if settings.device == "cpu" and (lacks := devices.torch_lacks()) else ()),
        *([f"chosen for {settings.chosen}; --profile overrides"] if settings.chosen else ()),
        f"store: {settings.store}",
        f"data: {found}",
    ]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the sweeps out unless they are asked for."""
    sweeps = config.rootpath / CASES / "test_sweeps.py"
    return True if collection_path == sweeps and not config.stash[SESSION].settings.axes else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a case of every (dataset, generator, mode), and a discriminator test of every (dataset, generator)."""
    session = metafunc.config.stash[SESSION]
    if not {"case", "discriminator"} & set(metafunc.fixturenames):
        return
    try:
        for dataset in session.cells.rows:
            if words := reserved_in(dataset):
                warnings.warn(f"-k {' and -k '.join(words)} also select dataset {dataset}", pytest.PytestWarning, 2)
        if "case" in metafunc.fixturenames:
            swept = metafunc.definition.get_closest_marker("sweep") is not None
            cases = session.cells.variants if swept else session.cells.table1
            metafunc.parametrize("case", cases, ids=[case.id for case in cases])
        if "discriminator" in metafunc.fixturenames:
            pairs = session.cells.discriminators
            metafunc.parametrize("discriminator", pairs, ids=["-".join(pair) for pair in pairs])
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests that show recorded times the clock that tells them."""
    for item in items:
        if "recorded" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.benchmark(timer=recorded_clock))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Note which cases were selected."""
    selected = session.config.stash[SESSION].selected
    for item in session.items:
        params = getattr(getattr(item, "callspec", None), "params", {})
        for name in ("case", "discriminator"):
            # a table without rows has one test, which pytest skips and which has no case
            if isinstance(params.get(name), Case | tuple) and params[name] not in selected:
                selected.append(params[name])


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Hand the plans of everything selected to the engine, or print them and stop."""
    ours = session.config.stash[SESSION]
    if BUNDLE in session.config.stash and not session.testsfailed:
        return True
    if session.config.option.collectonly or session.testsfailed or not ours.selected:
        return None
    try:
        ours.prepare()
        if ours.settings.plan:
            text, session.testsfailed = ours.preview()
            session.config.get_terminal_writer().write(text)
            return True
        ours.start()
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error
    return None


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """End the engine and write the report; a worker of xdist leaves that to its controller."""
    config = session.config
    ours = config.stash[SESSION]
    ours.stop()
    if hasattr(config, "workeroutput"):
        config.workeroutput["suite"] = ours.outcome()
    elif _reports(config, exitstatus):
        from suite.report.replaced_report import replaced
        from suite.report.writer import write_report

        try:
            results, pictures = _found(config)
            notes = dict.fromkeys((*results.notes, *ours.settings.notes))
            results = config.stash[RESULTS] = results.model_copy(update={"notes": tuple(notes)})
            with suppress(UsageError):  # there is none, or one of another version
                before = read_results(ours.settings.reports / results.profile / RESULTS_FILE)
                config.stash[REPLACED] = replaced(before, results)
            write_report(results, ours.settings.reports, pictures, config.stash.get(EARLIER, None))
            if BUNDLE in config.stash and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
                session.exitstatus = pytest.ExitCode.OK  # no test was wanted
        except SuiteError as error:
            config.stash[ERROR] = str(error)
            session.exitstatus = pytest.ExitCode.USAGE_ERROR


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker when the run began, so that no worker forces what another has just built."""
    node.workerinput["suite_began"] = node.config.stash[SESSION].began


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over from an xdist worker what it selected and what went wrong there."""
    ours = node.config.stash[SESSION]
    ours.merge(getattr(node, "workeroutput", {}).get("suite", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print Table 1 and the discriminator table."""
    ours = config.stash[SESSION]
    for line in ours.damaged:
        terminalreporter.write_line(f"damaged: {line}", yellow=True)
    for line in ours.retried:
        terminalreporter.write_line(f"retried: {line}", yellow=True)
    if gone := config.stash.get(REPLACED, ""):
        terminalreporter.write_line(f"replaced: {gone}", yellow=True)
    if ERROR in config.stash:
        terminalreporter.write_line(f"ERROR: {config.stash[ERROR]}", red=True)
    if RESULTS in config.stash:
        from suite.report.terminal import terminal_summary

        earlier = config.stash.get(EARLIER, None)
        terminalreporter.write_line(terminal_summary(config.stash[RESULTS], ours.settings.reports, earlier))


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """Say where the recorded times come from."""
    machine_info["times"] = "recorded when the artifacts were built"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing running, however the session ends."""
    if SESSION in config.stash:
        config.stash[SESSION].stop()


@contextmanager
def _terminal(config: pytest.Config) -> Iterator[TextIO | None]:
    """Open the terminal past pytest's capturing, at the start of a line; a worker of xdist has none."""
    reporter: Any = config.pluginmanager.getplugin("terminalreporter")
    capturing: Any = config.pluginmanager.getplugin("capturemanager")
    if reporter is None:
        yield None
        return
    with capturing.global_and_fixture_disabled() if capturing else nullcontext():
        reporter.ensure_newline()
        yield cast("TextIO", reporter._tw._file)


def _reports(config: pytest.Config, exitstatus: int) -> bool:
    """Return whether a session that ends so has anything to report."""
    ours = config.stash[SESSION]
    asked = (ours.selected or BUNDLE in config.stash) and not config.option.collectonly and not ours.settings.plan
    return bool(asked) and exitstatus != pytest.ExitCode.USAGE_ERROR


def _found(config: pytest.Config) -> tuple[Results, Mapping[str, Path | bytes]]:
    """Return what the bundle or else the store has, what is merged with it, and the pictures."""
    from suite.pictures.picture import shows
    from suite.report.figures import illustrate
    from suite.results.collect import Findings
    from suite.results.merging import merged, taken_from

    ours = config.stash[SESSION]
    pictures: dict[str, Path | bytes] = {}
    if BUNDLE in config.stash:
        results, packed = config.stash[BUNDLE]
        if not config.stash[MERGED]:
            return results, packed
        ours.prepare()  # figures over all datasets are drawn anew
        pictures.update(packed)
    else:
        findings = Findings(ours, command_of_run(config, ours.settings))
        results = findings.results()
        pictures.update(findings.pictures())
    for earlier, packed in config.stash[MERGED]:
        taken = taken_from(results, earlier)
        pictures |= {file: content for file, content in packed.items() if any(shows(file, name) for name in taken)}
        results = merged(results, earlier, ours.profile.base.metrics.alpha)
    config.stash[RESULTS] = results  # printed even if no figure can be drawn
    results, figures = illustrate(results, ours.store, ours.damaged.append)
    return results, {**pictures, **figures}


def _concerned(config: pytest.Config) -> bool:
    """Return whether this session is about the cases at all, and not only about other tests."""
    folder = config.rootpath / CASES
    paths = [config.invocation_params.dir / argument.split("::")[0] for argument in config.args]
    return any(path == folder or folder in path.parents or path in folder.parents for path in paths)

"""A benchmark run without pytest."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from plugin_project import write_dataset

from suite.artifacts import Recipe, Store
from suite.benchmark import Benchmark
from suite.engines.engine import EventCallback
from suite.engines.local import LocalEngine
from suite.engines.progress import ProgressBar
from suite.planning.case import Case, DiscriminatorCase, Mode
from suite.planning.run_options import RunOptions, check_options
from suite.plugin.options import OPTIONS

ORG = Case(dataset="photos", mode=Mode.ORG)
SYN = Case(dataset="photos", generator="mine", mode=Mode.SYN)


@pytest.fixture
def options(tmp_path: Path) -> RunOptions:
    """Options of a run on the dataset photos with one synthetic set."""
    root = write_dataset(tmp_path / "data")
    values = {option.name: option.default for option in OPTIONS}
    changed = {
        "real": root / "photos",
        "synthetic": (("mine", root / "photos" / "test"),),
        "profile": "smoke",
        "seeds": 2,
        "jobs": 2,
        "device": "cpu",
        "limit-steps": 4,
    }
    return check_options({**values, **changed}, tmp_path)


@pytest.fixture
def benchmark_run(options: RunOptions, tmp_path: Path) -> Iterator[Benchmark]:
    run = Benchmark(options, tmp_path / "cases", ProgressBar(nullcontext))
    run.check()
    yield run
    run.stop()


def test_run_without_pytest(benchmark_run: Benchmark, options: RunOptions) -> None:
    discriminator_case = DiscriminatorCase("photos", "mine")
    for case in (ORG, SYN, discriminator_case):
        benchmark_run.select(case)
    benchmark_run.prepare_store()
    benchmark_run.start()
    org, syn = benchmark_run.cell(ORG), benchmark_run.cell(SYN)
    row = benchmark_run.discriminator(discriminator_case)
    benchmark_run.stop()
    assert benchmark_run.write_report("made by a test") == ""
    assert (len(org.accuracies), len(syn.accuracies)) == (2, 2)
    assert syn.comparison is not None
    assert row.accuracies_real == org.accuracies
    assert benchmark_run.results is not None
    assert [cell.status for cell in benchmark_run.results.cells] == ["done", "done", "not run"]
    assert benchmark_run.results.command == "made by a test"
    assert (options.reports / "smoke" / "index.html").is_file()


def test_repair_stops_the_running_engine(
    benchmark_run: Benchmark, options: RunOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If damage is found while other cases are being built, at most one engine runs at any time."""
    first = Benchmark(options, Path(), ProgressBar(nullcontext))
    first.select(ORG)
    first.prepare_store()
    first.start()
    before = first.cell(ORG)
    first.stop()
    _damage(Store(options.store), first.planner.case(ORG).classifiers[0])

    running, max_running, lock = 0, 0, threading.Lock()
    original_run = LocalEngine.run

    def counting_run(
        self: LocalEngine, targets: Iterable[Recipe], listen: EventCallback, stop: threading.Event
    ) -> dict[str, str]:
        nonlocal running, max_running
        with lock:
            running += 1
            max_running = max(max_running, running)
        try:
            return original_run(self, targets, listen, stop)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(LocalEngine, "run", counting_run)
    benchmark_run.select(SYN)
    benchmark_run.select(ORG)
    benchmark_run.prepare_store()
    benchmark_run.start()
    after = benchmark_run.cell(ORG)
    assert max_running == 1, "two engines built at the same time"
    assert len(benchmark_run.damaged) == 1
    assert after.accuracies == before.accuracies
    assert benchmark_run.cell(SYN).status == "done"
    benchmark_run.stop()
    assert running == 0


def _damage(store: Store, recipe: Recipe) -> None:
    path = store.path(recipe.key) / "history.json"
    content = path.read_bytes()
    path.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])

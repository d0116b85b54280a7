"""The local engine, with real worker processes."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from simple_recipes import (
    NUMBER,
    Broken,
    Impossible,
    Killed,
    KillsIdleProcess,
    Logged,
    Number,
    OnDevice,
    Painted,
    Slow,
    SlowlyPainted,
    WithoutNumber,
    number,
)
from stored import payloads
from waiting import TIMEOUT, wait_until

from suite.artifacts import DataPaths, Recipe, Store
from suite.artifacts.artifact import MANIFEST
from suite.engines.build import build_all
from suite.engines.build_process import BuildProcess, _server
from suite.engines.engine import Event, EventKind
from suite.engines.local import LocalEngine
from suite.engines.messages import Started, WorkerDied
from suite.engines.scheduler import MAX_REBUILDS
from suite.images import FirstPerClass, Mixture


class EventLog:
    """All events of an engine."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    def of(self, recipe: Recipe) -> list[EventKind]:
        """Return the event kinds of one recipe, without PROGRESS."""
        kinds = (event.kind for event in self.events if event.recipe.key == recipe.key)
        return [kind for kind in kinds if kind is not EventKind.PROGRESS]


def run(
    store: Store, *targets: Recipe, jobs: int = 2, stop: threading.Event | None = None
) -> tuple[dict[str, str], EventLog]:
    """Run a local engine and return failures and events."""
    log = EventLog()
    failed = LocalEngine(store, DataPaths(), ("cpu",) * jobs).run(targets, log, stop or threading.Event())
    return failed, log


def test_everything_is_built_once_in_order_and_found_the_next_time(store: Store) -> None:
    one, two = Number(value=1), Number(value=2)
    both = Number(value=3, needs=(one, two))
    failed, log = run(store, both, two)
    assert failed == {}
    assert number(store, both) == 6
    for recipe in (one, two, both):
        assert log.of(recipe) == [EventKind.STARTED, EventKind.BUILT]
    _, again = run(store, both, two)
    assert [event.kind for event in again.events] == [EventKind.CACHED] * 3


def test_recipes_that_need_no_gpu_are_built_on_the_cpu(store: Store) -> None:
    on, off = OnDevice(value=1), Number(value=2)
    last = OnDevice(value=3, needs=(on, off))
    failed = LocalEngine(store, DataPaths(), ("mps",)).run([last], EventLog(), threading.Event())
    assert failed == {}
    assert number(store, last) == 6
    assert [store.get(recipe).run["device"] for recipe in (on, off, last)] == ["mps", "cpu", "mps"]


def test_only_existing_artifacts_are_reported_as_cached(store: Store) -> None:
    dependency = Number(value=1)
    recipe = Number(value=2, needs=(dependency,))
    build_all(store, [recipe])
    store.discard(dependency.key)
    _, log = run(store, recipe)
    assert log.of(recipe) == [EventKind.CACHED]
    assert log.of(dependency) == []
    assert store.find(dependency) is None, "a dependency of finished artifacts only is not built"


def test_a_failure_fails_only_its_dependents(store: Store) -> None:
    failing = Impossible(value=1)
    dependent = Number(value=2, needs=(Number(value=3, needs=(failing,)),))
    healthy = Number(value=4, needs=(Number(value=5),))
    failed, log = run(store, dependent, healthy)
    assert number(store, healthy) == 9
    assert set(failed) == {failing.key, dependent.key, dependent.dependencies[0].key}
    assert set(failed.values()) == {"test-impossible: photo.png is not an image: remove it"}
    assert log.of(dependent) == [EventKind.FAILED]
    assert log.of(healthy) == [EventKind.STARTED, EventKind.BUILT]


def test_an_unexpected_error_is_one_line_with_its_location(store: Store) -> None:
    recipe = Broken(value=1)
    failed, _ = run(store, recipe)
    assert failed[recipe.key].startswith(
        "test-broken: ZeroDivisionError: first line second line (build, simple_recipes.py:"
    )


def test_a_killed_worker_fails_one_recipe_with_a_clear_message(store: Store) -> None:
    killed, healthy = Killed(value=1), Number(value=2)
    failed, log = run(store, killed, healthy)
    assert failed == {
        killed.key: "test-killed: its process ended with exit code -9 (-9 usually means that memory ran out)"
    }
    assert log.of(killed) == [EventKind.STARTED, EventKind.FAILED]
    assert number(store, healthy) == 2


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds sibling processes through /proc")
def test_an_idle_process_that_is_killed_fails_no_recipe(store: Store) -> None:
    first = KillsIdleProcess(value=1)
    second = Number(value=2, needs=(first,))
    failed, log = run(store, second, jobs=1)
    assert failed == {}
    assert log.of(second) == [EventKind.STARTED, EventKind.BUILT]
    assert number(store, second) == 3


def test_a_process_that_dies_before_its_build_starts_is_reported(store: Store) -> None:
    process = BuildProcess()
    recipe = Number(value=1)
    process._forked._kill()
    wait_until(lambda: not process.is_ready_for(recipe))
    process.start(recipe, store, "cpu", DataPaths())
    assert process.poll() == [WorkerDied("its process ended with exit code -9 (-9 usually means that memory ran out)")]


def test_a_build_survives_the_server_and_can_be_stopped_without_it(store: Store) -> None:
    process, recipe = BuildProcess(), SlowlyPainted(per_class=(3, 3), seconds=60)
    process.start(recipe, store, "cpu", DataPaths())
    wait_until(lambda: Started() in process.poll())
    assert _server._process is not None
    _server._process.kill()
    _server._process.join()
    with store.lock(recipe.key) as acquired:
        assert not acquired, "the build continues"
    process.stop()
    with store.lock(recipe.key) as acquired:
        assert acquired
    assert run(store, Number(value=1))[0] == {}, "the next build starts another server"


@pytest.mark.parametrize("name", [NUMBER, MANIFEST])
def test_a_flipped_bit_is_set_aside_reported_and_built_again(store: Store, name: str) -> None:
    dependency = Number(value=1)
    path = build_all(store, [dependency])[0].path / name
    content = path.read_bytes()
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    recipe = Number(value=2, needs=(dependency,))
    failed, log = run(store, recipe)
    assert failed == {}
    assert log.of(dependency) == [EventKind.CACHED, EventKind.DAMAGED, EventKind.STARTED, EventKind.BUILT]
    assert next(event.message for event in log.events if event.kind is EventKind.DAMAGED).endswith(
        f"{dependency.key}.0"
    )
    assert path.read_bytes() == content
    assert (store.root / "damaged" / f"{dependency.key}.0" / name).is_file()
    assert number(store, recipe) == 3


def test_a_missing_indirect_dependency_is_built_again(store: Store) -> None:
    digits = Painted(per_class=(3, 3))
    mixture = Mixture(parts=(digits, Painted(per_class=(3, 3), seed=1)))
    again = Mixture(parts=(mixture, mixture))
    build_all(store, [mixture])
    store.discard(digits.key)
    failed, log = run(store, again)
    assert failed == {}
    assert EventKind.BUILT in log.of(digits)
    assert again.open(store).counts(2) == (12, 12)


def test_a_build_waits_while_an_indirect_dependency_is_rebuilt(store: Store) -> None:
    """A subset opens the images that its own images were selected from, which is an indirect dependency."""
    slow = SlowlyPainted(per_class=(3, 3), seconds=2.5)
    first_per_class = FirstPerClass(images=slow, per_class=(2, 2))
    build_all(store, [first_per_class])
    store.discard(slow.key)
    last = FirstPerClass(images=first_per_class, per_class=(1, 1))
    failed, log = run(store, last)
    assert failed == {}
    assert log.of(slow) == [EventKind.DAMAGED, EventKind.STARTED, EventKind.BUILT]
    assert log.of(last) == [EventKind.STARTED, EventKind.STARTED, EventKind.BUILT], (
        "started twice, and not while it had to wait"
    )


def test_an_artifact_that_is_damaged_after_every_rebuild_fails_its_dependents(store: Store) -> None:
    incomplete = WithoutNumber(value=1)
    recipe = Number(value=2, needs=(incomplete,))
    failed, log = run(store, recipe)
    assert list(failed) == [recipe.key]
    assert f"has no file {NUMBER}" in failed[recipe.key]
    assert log.of(incomplete).count(EventKind.DAMAGED) == MAX_REBUILDS


def test_progress_is_reported(store: Store) -> None:
    _, log = run(store, Slow(value=1, seconds=1.0))
    fractions = [event.done / event.total for event in log.events if event.kind is EventKind.PROGRESS]
    assert fractions
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] <= fractions[-1] <= 1


def test_two_engines_on_one_store_build_everything_once(store: Store, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    recipes = [Logged(value=value, log=str(tmp_path / "log"), seconds=0.3) for value in range(4)]
    last = Logged(value=9, log=str(tmp_path / "log"), needs=tuple(recipes))
    results: list[tuple[dict[str, str], EventLog]] = []
    threads = [threading.Thread(target=lambda: results.append(run(store, last))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT)
    assert [failed for failed, _ in results] == [{}, {}]
    builds = Counter(path.name.split(".")[0] for path in (tmp_path / "log").iterdir())
    assert builds == dict.fromkeys([recipe.key for recipe in (*recipes, last)], 1)
    for recipe in recipes:
        kinds = sorted(log.of(recipe)[-1] for _, log in results)
        assert kinds in (
            [EventKind.BUILT, EventKind.CACHED],
            [EventKind.CACHED, EventKind.CACHED],
            [EventKind.BUILT] * 2,
        )


def test_stopping_stops_running_builds_and_releases_their_locks(store: Store, tmp_path: Path) -> None:
    recipe = Logged(value=1, log=str(tmp_path), seconds=TIMEOUT)
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(store, recipe), kwargs={"stop": stop})
    thread.start()
    wait_until(lambda: any(tmp_path.glob(f"{recipe.key}.*")))
    began = time.monotonic()
    stop.set()
    thread.join(TIMEOUT)
    assert time.monotonic() - began < TIMEOUT / 2
    assert store.find(recipe) is None
    assert (store.root / "tmp" / recipe.key / "scratch").is_dir(), "checkpoints are kept"
    with store.lock(recipe.key) as acquired:
        assert acquired


def test_the_number_of_workers_changes_no_byte(tmp_path: Path) -> None:
    parts = tuple(Painted(per_class=(4, 4), seed=seed) for seed in range(4))
    contents = []
    for jobs in (1, 2, 3):
        store = Store(tmp_path / f"{jobs}")
        store.prepare()
        assert run(store, Mixture(parts=parts), *(Number(value=value) for value in range(4)), jobs=jobs)[0] == {}
        contents.append(payloads(store.root))
    assert contents[0] == contents[1] == contents[2]
    assert len(contents[0]) > 10


PROGRAM = """
import sys, threading
from pathlib import Path
from simple_recipes import Logged
from suite.artifacts import DataPaths, Store
from suite.engines.local import LocalEngine
if __name__ == "__main__":
    store = Store(Path(sys.argv[1]))
    store.prepare()
    recipe = Logged(value=1, log=sys.argv[2], seconds=60.0)
    LocalEngine(store, DataPaths(), ("cpu",)).run([recipe], lambda event: None, threading.Event())
"""


def is_alive(process: int) -> bool:
    """Return whether a process runs; False for a zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads process states from /proc")
def test_a_killed_engine_leaves_no_orphan_process(store: Store, tmp_path: Path) -> None:
    program, log = tmp_path / "program.py", tmp_path / "log"
    program.write_text(PROGRAM)
    log.mkdir()
    helpers = next(path for path in sys.path if path.endswith("helpers"))
    path = os.pathsep.join(filter(None, (helpers, os.environ.get("PYTHONPATH"))))
    engine = subprocess.Popen([sys.executable, program, store.root, log], env={**os.environ, "PYTHONPATH": path})
    try:
        wait_until(lambda: any(log.iterdir()))
        worker = int(next(log.iterdir()).name.split(".")[1])
        assert is_alive(worker)
        engine.send_signal(signal.SIGKILL)
        engine.wait(TIMEOUT)
        wait_until(lambda: not is_alive(worker))
    finally:
        engine.kill()

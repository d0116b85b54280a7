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
    Forgetful,
    Impossible,
    Killed,
    Logged,
    Lonely,
    Number,
    OnDevice,
    Painted,
    Slow,
    SlowlyPainted,
    number,
)
from stored import payloads
from waiting import PATIENCE, eventually

from suite.artifacts import DataPaths, Recipe, Store
from suite.artifacts.artifact import MANIFEST
from suite.engines.build import build_all
from suite.engines.build_process import BuildProcess, _server
from suite.engines.engine import Event, EventKind
from suite.engines.local import LocalEngine
from suite.engines.messages import Started, WorkerDied
from suite.engines.scheduler import TRIES
from suite.images import FirstPerClass, Mixture


class Heard:
    """Everything an engine said."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    def of(self, recipe: Recipe) -> list[EventKind]:
        """Return what happened to one recipe, without its progress."""
        mine = (event.what for event in self.events if event.recipe.key == recipe.key)
        return [what for what in mine if what is not EventKind.PROGRESS]


def run(
    store: Store, *targets: Recipe, jobs: int = 2, stop: threading.Event | None = None
) -> tuple[dict[str, str], Heard]:
    """Run an engine to its end."""
    heard = Heard()
    failed = LocalEngine(store, DataPaths(), ("cpu",) * jobs).run(targets, heard, stop or threading.Event())
    return failed, heard


def test_everything_is_built_once_in_order_and_found_the_next_time(store: Store) -> None:
    one, two = Number(value=1), Number(value=2)
    both = Number(value=3, needs=(one, two))
    failed, heard = run(store, both, two)
    assert failed == {}
    assert number(store, both) == 6
    for recipe in (one, two, both):
        assert heard.of(recipe) == [EventKind.STARTED, EventKind.BUILT]
    _, again = run(store, both, two)
    assert [event.what for event in again.events] == [EventKind.CACHED] * 3


def test_what_computes_on_no_gpu_keeps_none_busy(store: Store) -> None:
    on, off = OnDevice(value=1), Number(value=2)
    last = OnDevice(value=3, needs=(on, off))
    failed = LocalEngine(store, DataPaths(), ("mps",)).run([last], Heard(), threading.Event())
    assert failed == {}
    assert number(store, last) == 6
    assert [store.get(recipe).run["device"] for recipe in (on, off, last)] == ["mps", "cpu", "mps"]


def test_a_hit_is_said_only_of_what_is_there(store: Store) -> None:
    need = Number(value=1)
    recipe = Number(value=2, needs=(need,))
    build_all(store, [recipe])
    store.discard(need.key)
    _, heard = run(store, recipe)
    assert heard.of(recipe) == [EventKind.CACHED]
    assert heard.of(need) == []
    assert store.find(need) is None, "what only a finished artifact needed is not built"


def test_a_failure_takes_its_dependents_and_nothing_else(store: Store) -> None:
    bad = Impossible(value=1)
    lost = Number(value=2, needs=(Number(value=3, needs=(bad,)),))
    fine = Number(value=4, needs=(Number(value=5),))
    failed, heard = run(store, lost, fine)
    assert number(store, fine) == 9
    assert set(failed) == {bad.key, lost.key, lost.dependencies[0].key}
    assert set(failed.values()) == {"test-impossible: photo.png is no image: remove it"}
    assert heard.of(lost) == [EventKind.FAILED]
    assert heard.of(fine) == [EventKind.STARTED, EventKind.BUILT]


def test_an_unexpected_error_becomes_one_line_with_its_place(store: Store) -> None:
    recipe = Broken(value=1)
    failed, _ = run(store, recipe)
    assert failed[recipe.key].startswith(
        "test-broken: ZeroDivisionError: first line second line (build, simple_recipes.py:"
    )


def test_a_killed_worker_is_one_clear_failure(store: Store) -> None:
    dead, fine = Killed(value=1), Number(value=2)
    failed, heard = run(store, dead, fine)
    assert failed == {dead.key: "test-killed: its process ended with exit code -9 (-9 is most often a lack of memory)"}
    assert heard.of(dead) == [EventKind.STARTED, EventKind.FAILED]
    assert number(store, fine) == 2


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds its siblings under /proc, as Linux has it")
def test_a_process_killed_while_it_waits_costs_no_recipe_a_life(store: Store) -> None:
    first = Lonely(value=1)
    second = Number(value=2, needs=(first,))
    failed, heard = run(store, second, jobs=1)
    assert failed == {}
    assert heard.of(second) == [EventKind.STARTED, EventKind.BUILT]
    assert number(store, second) == 3


def test_a_process_that_dies_before_it_begins_has_died(store: Store) -> None:
    process = BuildProcess()
    recipe = Number(value=1)
    process._forked._kill()
    eventually(lambda: not process.is_ready_for(recipe))
    process.begin(recipe, store, "cpu", DataPaths())
    assert process.poll() == [WorkerDied("its process ended with exit code -9 (-9 is most often a lack of memory)")]


def test_a_build_outlives_the_server_and_is_ended_without_it(store: Store) -> None:
    process, recipe = BuildProcess(), SlowlyPainted(per_class=(3, 3), seconds=60)
    process.begin(recipe, store, "cpu", DataPaths())
    eventually(lambda: Started() in process.poll())
    assert _server._process is not None
    _server._process.kill()
    _server._process.join()
    with store.lock(recipe.key) as ours:
        assert not ours, "it goes on"
    process.end()
    with store.lock(recipe.key) as ours:
        assert ours
    assert run(store, Number(value=1))[0] == {}, "the next has a server of its own"


@pytest.mark.parametrize("name", [NUMBER, MANIFEST])
def test_a_flipped_bit_is_set_aside_reported_and_built_again(store: Store, name: str) -> None:
    need = Number(value=1)
    path = build_all(store, [need])[0].path / name
    whole = path.read_bytes()
    path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    recipe = Number(value=2, needs=(need,))
    failed, heard = run(store, recipe)
    assert failed == {}
    assert heard.of(need) == [EventKind.CACHED, EventKind.DAMAGED, EventKind.STARTED, EventKind.BUILT]
    assert next(event.message for event in heard.events if event.what is EventKind.DAMAGED).endswith(f"{need.key}.0")
    assert path.read_bytes() == whole
    assert (store.root / "damaged" / f"{need.key}.0" / name).is_file()
    assert number(store, recipe) == 3


def test_what_is_lost_is_built_again_with_what_it_lacks(store: Store) -> None:
    digits = Painted(per_class=(3, 3))
    mixture = Mixture(parts=(digits, Painted(per_class=(3, 3), seed=1)))
    again = Mixture(parts=(mixture, mixture))
    build_all(store, [mixture])
    store.discard(digits.key)
    failed, heard = run(store, again)
    assert failed == {}
    assert EventKind.BUILT in heard.of(digits)
    assert again.open(store).counts(2) == (12, 12)


def test_what_lies_deep_is_waited_for_while_it_is_built_again(store: Store) -> None:
    """A portion opens what its own images were chosen from: more than what it depends on, and it takes its time."""
    slow = SlowlyPainted(per_class=(3, 3), seconds=2.5)
    first_per_class = FirstPerClass(images=slow, per_class=(2, 2))
    build_all(store, [first_per_class])
    store.discard(slow.key)
    last = FirstPerClass(images=first_per_class, per_class=(1, 1))
    failed, heard = run(store, last)
    assert failed == {}
    assert heard.of(slow) == [EventKind.DAMAGED, EventKind.STARTED, EventKind.BUILT]
    assert heard.of(last) == [EventKind.STARTED, EventKind.STARTED, EventKind.BUILT], "tried twice, and not in between"


def test_what_cannot_be_mended_fails_after_some_tries(store: Store) -> None:
    hopeless = Forgetful(value=1)
    recipe = Number(value=2, needs=(hopeless,))
    failed, heard = run(store, recipe)
    assert list(failed) == [recipe.key]
    assert f"has no file {NUMBER}" in failed[recipe.key]
    assert heard.of(hopeless).count(EventKind.DAMAGED) == TRIES


def test_progress_is_heard(store: Store) -> None:
    _, heard = run(store, Slow(value=1, seconds=1.0))
    shares = [event.done / event.total for event in heard.events if event.what is EventKind.PROGRESS]
    assert shares
    assert shares == sorted(shares)
    assert 0 < shares[0] <= shares[-1] <= 1


def test_two_engines_on_one_store_build_everything_once(store: Store, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    recipes = [Logged(value=value, log=str(tmp_path / "log"), seconds=0.3) for value in range(4)]
    last = Logged(value=9, log=str(tmp_path / "log"), needs=tuple(recipes))
    answers: list[tuple[dict[str, str], Heard]] = []
    threads = [threading.Thread(target=lambda: answers.append(run(store, last))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert [failed for failed, _ in answers] == [{}, {}]
    builds = Counter(path.name.split(".")[0] for path in (tmp_path / "log").iterdir())
    assert builds == dict.fromkeys([recipe.key for recipe in (*recipes, last)], 1)
    for recipe in recipes:
        said = sorted(heard.of(recipe)[-1] for _, heard in answers)
        assert said in (
            [EventKind.BUILT, EventKind.CACHED],
            [EventKind.CACHED, EventKind.CACHED],
            [EventKind.BUILT] * 2,
        )


def test_stopping_ends_what_is_running_and_frees_its_lock(store: Store, tmp_path: Path) -> None:
    recipe = Logged(value=1, log=str(tmp_path), seconds=PATIENCE)
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(store, recipe), kwargs={"stop": stop})
    thread.start()
    eventually(lambda: any(tmp_path.glob(f"{recipe.key}.*")))
    began = time.monotonic()
    stop.set()
    thread.join(PATIENCE)
    assert time.monotonic() - began < PATIENCE / 2
    assert store.find(recipe) is None
    assert (store.root / "tmp" / recipe.key / "scratch").is_dir(), "checkpoints stay"
    with store.lock(recipe.key) as ours:
        assert ours


def test_the_number_of_workers_changes_no_byte(tmp_path: Path) -> None:
    parts = tuple(Painted(per_class=(4, 4), seed=seed) for seed in range(4))
    found = []
    for jobs in (1, 2, 3):
        store = Store(tmp_path / f"{jobs}")
        store.prepare()
        assert run(store, Mixture(parts=parts), *(Number(value=value) for value in range(4)), jobs=jobs)[0] == {}
        found.append(payloads(store.root))
    assert found[0] == found[1] == found[2]
    assert len(found[0]) > 10


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


def alive(process: int) -> bool:
    """Return whether a process still runs; a zombie does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes through /proc")
def test_a_killed_engine_leaves_no_orphan(store: Store, tmp_path: Path) -> None:
    program, log = tmp_path / "program.py", tmp_path / "log"
    program.write_text(PROGRAM)
    log.mkdir()
    helpers = next(path for path in sys.path if path.endswith("helpers"))
    path = os.pathsep.join(filter(None, (helpers, os.environ.get("PYTHONPATH"))))
    engine = subprocess.Popen([sys.executable, program, store.root, log], env={**os.environ, "PYTHONPATH": path})
    try:
        eventually(lambda: any(log.iterdir()))
        worker = int(next(log.iterdir()).name.split(".")[1])
        assert alive(worker)
        engine.send_signal(signal.SIGKILL)
        engine.wait(PATIENCE)
        eventually(lambda: not alive(worker))
    finally:
        engine.kill()

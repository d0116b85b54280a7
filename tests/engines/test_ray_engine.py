"""The Ray engine, on a real cluster of several nodes on this machine."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import killable
import pytest
from ray_cluster import RayCluster, needs_ray
from simple_recipes import Broken, Logged, Number, Painted, Slow, number
from stored import payloads, runs

from suite.artifacts import DataPaths, Recipe, Store
from suite.classifiers.recipes import Classifier
from suite.classifiers.settings import ClassifierSettings
from suite.compute import Compute
from suite.engines.build import build_all
from suite.engines.engine import Event, EventKind
from suite.engines.ray_engine import RayEngine
from suite.errors import UsageError

PATIENCE = 300.0
HELPERS = Path(killable.__file__).parent
PROGRAM = """
import sys, threading
from pathlib import Path
from simple_recipes import Logged
from suite.artifacts import DataPaths, Store
from suite.engines.ray_engine import RayEngine

store, log, address = sys.argv[1:]
recipes = tuple(Logged(value=value, log=log, seconds=1.0) for value in range(4))
last = Logged(value=9, log=log, needs=recipes)
sys.exit(bool(RayEngine(Store(Path(store)), DataPaths(), address=address).run([last], print, threading.Event())))
"""

pytestmark = [needs_ray, pytest.mark.thorough, pytest.mark.timeout(600)]


def run(
    cluster: RayCluster, store: Store, *targets: Recipe, listen: Callable[[Event], None] | None = None
) -> tuple[dict[str, str], list[Event]]:
    """Run an engine to its end."""
    heard: list[Event] = []

    def poll(event: Event) -> None:
        heard.append(event)
        if listen is not None:
            listen(event)

    return RayEngine(store, DataPaths(), address=cluster.address).run(targets, poll, threading.Event()), heard


@pytest.fixture(scope="module")
def memo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the content of digits is remembered."""
    return tmp_path_factory.mktemp("memo")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, memo: Path) -> Store:
    """The small plan, built in a process of this machine."""
    store = Store(tmp_path_factory.mktemp("undisturbed"))
    store.prepare()
    build_all(store, killable.plan(memo))
    return store


@pytest.fixture
def drive(cluster: RayCluster, memo: Path) -> Iterator[Callable[[Store], "subprocess.Popen[bytes]"]]:
    """Start a driver of the small plan in a process of its own; it is ended with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(store: Store) -> "subprocess.Popen[bytes]":
        command = [sys.executable, killable.__file__, str(store.root), str(memo), cluster.address]
        started.append(subprocess.Popen(command))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


def test_everything_is_built_in_order_and_told_as_ever(cluster: RayCluster, store: Store) -> None:
    one, slow, broken = Number(value=1), Slow(value=2, seconds=5.0), Broken(value=1)
    both, lost = Number(value=3, needs=(one, slow)), Number(value=4, needs=(broken,))
    failed, heard = run(cluster, store, both, lost)
    assert number(store, both) == 6
    assert set(failed) == {broken.key, lost.key}
    assert failed[lost.key].startswith("test-broken: ZeroDivisionError: first line second line (build, simple_recipes")
    told = [event.what for event in heard if event.recipe.key == slow.key]
    assert told[0] is EventKind.STARTED
    assert set(told[1:-1]) == {EventKind.PROGRESS}
    assert told[-1] is EventKind.BUILT
    again, heard = run(cluster, store, both)
    assert again == {}
    assert {event.what for event in heard} == {EventKind.CACHED}
    with pytest.raises(UsageError, match="--device cuda: no node of the Ray cluster has a GPU"):
        RayEngine(store, DataPaths(), device="cuda", address=cluster.address)


def test_a_driver_killed_and_started_again_makes_nothing_finished_again(
    store: Store, undisturbed: Store, drive: Callable[[Store], "subprocess.Popen[bytes]"]
) -> None:
    driver = drive(store)
    end = time.monotonic() + PATIENCE
    while len(runs(store.root)) < 3:
        assert driver.poll() is None
        assert time.monotonic() < end, "nothing was built"
        time.sleep(0.02)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    finished = runs(store.root)
    assert len(finished) < len(runs(undisturbed.root)), "it was killed too late"
    assert drive(store).wait(PATIENCE) == 0
    assert finished.items() <= runs(store.root).items()
    assert payloads(store.root) == payloads(undisturbed.root)


def test_a_node_killed_in_the_middle_of_a_training_costs_that_try(cluster: RayCluster, tmp_path: Path) -> None:
    settings = ClassifierSettings(width=8, epochs=60, batch_size=20)
    images = Painted(per_class=(40, 40))
    training = Classifier(training_set=images, classes=2, settings=settings, seed=0, compute=Compute())
    alone, killed = Store(tmp_path / "alone"), Store(tmp_path / "killed")
    for store in (alone, killed):
        store.prepare()
    build_all(alone, [training])
    cluster.kill()  # one is left, so that it is known where the training goes on
    done: list[int] = []

    def kill(event: Event) -> None:
        if event.what is EventKind.PROGRESS and event.recipe == training and not done:
            done.append(event.done)
            cluster.kill()
            cluster.add()

    failed, heard = run(cluster, killed, training, listen=kill)
    cluster.add()
    assert failed == {}
    assert 0 < done[0] < training.optimiser_steps
    retried = [event for event in heard if event.what is EventKind.RETRIED]
    assert [event.recipe for event in retried] == [training]
    assert "node" in retried[0].message
    assert retried[0].message.endswith("; begun again")
    assert payloads(killed.root) == payloads(alone.root)


def test_two_drivers_on_one_store_build_everything_once(cluster: RayCluster, store: Store, tmp_path: Path) -> None:
    program, log = tmp_path / "program.py", tmp_path / "log"
    program.write_text(PROGRAM)
    log.mkdir()
    path = os.pathsep.join(filter(None, (str(HELPERS), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, str(program), str(store.root), str(log), cluster.address]
    drivers = [subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}) for _ in range(2)]
    try:
        assert [driver.wait(PATIENCE) for driver in drivers] == [0, 0]
    finally:
        for driver in drivers:
            driver.kill()
    builds = Counter(path.name.split(".")[0] for path in log.iterdir())
    assert len(builds) == 5
    assert set(builds.values()) == {1}


def test_stopping_ends_what_runs_and_keeps_its_checkpoints(cluster: RayCluster, store: Store, tmp_path: Path) -> None:
    recipe = Logged(value=1, log=str(tmp_path), seconds=PATIENCE)
    stop = threading.Event()
    engine = RayEngine(store, DataPaths(), address=cluster.address)
    thread = threading.Thread(target=engine.run, args=([recipe], lambda _: None, stop))
    thread.start()
    while not (started := list(tmp_path.glob(f"{recipe.key}.*"))):
        time.sleep(0.05)
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    process = int(started[0].name.split(".")[1])
    end = time.monotonic() + PATIENCE
    while Path(f"/proc/{process}").exists():
        assert time.monotonic() < end, "the build went on"
        time.sleep(0.05)
    assert (store.root / "tmp" / recipe.key / "scratch").is_dir()
    with store.lock(recipe.key) as ours:
        assert ours

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
from simple_classifiers import resnet18
from simple_recipes import Broken, Logged, Number, Painted, Slow, number
from stored import payloads, runs

from suite.artifacts import DataPaths, Recipe, Store
from suite.classifiers.plugins.resnet18 import ResNet18Settings
from suite.compute import Compute
from suite.engines.build import build_all
from suite.engines.engine import Event, EventKind
from suite.engines.ray_engine import RayEngine
from suite.errors import UsageError

TIMEOUT = 300.0
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
    cluster: RayCluster, store: Store, *targets: Recipe, on_event: Callable[[Event], None] | None = None
) -> tuple[dict[str, str], list[Event]]:
    """Run a Ray engine and return failures and events."""
    events: list[Event] = []

    def record(event: Event) -> None:
        events.append(event)
        if on_event is not None:
            on_event(event)

    return RayEngine(store, DataPaths(), address=cluster.address).run(targets, record, threading.Event()), events


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory that caches the content id of digits."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Store:
    """A store with the small plan, built in this process."""
    store = Store(tmp_path_factory.mktemp("uninterrupted"))
    store.prepare()
    build_all(store, killable.plan(cache))
    return store


@pytest.fixture
def drive(cluster: RayCluster, cache: Path) -> Iterator[Callable[[Store], "subprocess.Popen[bytes]"]]:
    """Return a function that starts a driver of the small plan in its own process, until the test ends."""
    started: list[subprocess.Popen[bytes]] = []

    def start(store: Store) -> "subprocess.Popen[bytes]":
        command = [sys.executable, killable.__file__, str(store.root), str(cache), cluster.address]
        started.append(subprocess.Popen(command))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_everything_is_built_in_order_and_reported(cluster: RayCluster, store: Store) -> None:
    one, slow, broken = Number(value=1), Slow(value=2, seconds=5.0), Broken(value=1)
    both, dependent = Number(value=3, needs=(one, slow)), Number(value=4, needs=(broken,))
    failed, events = run(cluster, store, both, dependent)
    assert number(store, both) == 6
    assert set(failed) == {broken.key, dependent.key}
    assert failed[dependent.key].startswith(
        "test-broken: ZeroDivisionError: first line second line (build, simple_recipes"
    )
    kinds = [event.kind for event in events if event.recipe.key == slow.key]
    assert kinds[0] is EventKind.STARTED
    assert set(kinds[1:-1]) == {EventKind.PROGRESS}
    assert kinds[-1] is EventKind.BUILT
    again, events = run(cluster, store, both)
    assert again == {}
    assert {event.kind for event in events} == {EventKind.CACHED}
    with pytest.raises(UsageError, match="--device cuda: no node of the Ray cluster has a GPU"):
        RayEngine(store, DataPaths(), device="cuda", address=cluster.address)


def test_a_restarted_driver_keeps_finished_artifacts(
    store: Store, uninterrupted: Store, drive: Callable[[Store], "subprocess.Popen[bytes]"]
) -> None:
    driver = drive(store)
    end = time.monotonic() + TIMEOUT
    while len(runs(store.root)) < 3:
        assert driver.poll() is None
        assert time.monotonic() < end, "nothing was built in time"
        time.sleep(0.02)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    finished = runs(store.root)
    assert len(finished) < len(runs(uninterrupted.root)), "it was killed too late"
    assert drive(store).wait(TIMEOUT) == 0
    assert finished.items() <= runs(store.root).items()
    assert payloads(store.root) == payloads(uninterrupted.root)


def test_a_training_on_a_killed_node_is_retried(cluster: RayCluster, tmp_path: Path) -> None:
    settings = ResNet18Settings(width=8, epochs=60, batch_size=20)
    images = Painted(per_class=(40, 40))
    training = resnet18(training_set=images, classes=2, settings=settings, seed=0, compute=Compute())
    local, killed = Store(tmp_path / "local"), Store(tmp_path / "killed")
    for store in (local, killed):
        store.prepare()
    build_all(local, [training])
    cluster.kill()  # one node is left, so that the node of the training is known
    done: list[int] = []

    def kill(event: Event) -> None:
        if event.kind is EventKind.PROGRESS and event.recipe == training and not done:
            done.append(event.done)
            cluster.kill()
            cluster.add()

    failed, events = run(cluster, killed, training, on_event=kill)
    cluster.add()
    assert failed == {}
    assert 0 < done[0] < training.optimiser_steps
    retried = [event for event in events if event.kind is EventKind.RETRIED]
    assert [event.recipe for event in retried] == [training]
    assert "node" in retried[0].message
    assert retried[0].message.endswith("; started again")
    assert payloads(killed.root) == payloads(local.root)


def test_two_drivers_on_one_store_build_everything_once(cluster: RayCluster, store: Store, tmp_path: Path) -> None:
    program, log = tmp_path / "program.py", tmp_path / "log"
    program.write_text(PROGRAM)
    log.mkdir()
    path = os.pathsep.join(filter(None, (str(HELPERS), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, str(program), str(store.root), str(log), cluster.address]
    drivers = [subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}) for _ in range(2)]
    try:
        assert [driver.wait(TIMEOUT) for driver in drivers] == [0, 0]
    finally:
        for driver in drivers:
            driver.kill()
    builds = Counter(path.name.split(".")[0] for path in log.iterdir())
    assert len(builds) == 5
    assert set(builds.values()) == {1}


def test_stopping_stops_running_builds_and_keeps_their_checkpoints(
    cluster: RayCluster, store: Store, tmp_path: Path
) -> None:
    recipe = Logged(value=1, log=str(tmp_path), seconds=TIMEOUT)
    stop = threading.Event()
    engine = RayEngine(store, DataPaths(), address=cluster.address)
    thread = threading.Thread(target=engine.run, args=([recipe], lambda _: None, stop))
    thread.start()
    while not (started := list(tmp_path.glob(f"{recipe.key}.*"))):
        time.sleep(0.05)
    stop.set()
    thread.join(TIMEOUT)
    assert not thread.is_alive()
    process = int(started[0].name.split(".")[1])
    end = time.monotonic() + TIMEOUT
    while Path(f"/proc/{process}").exists():
        assert time.monotonic() < end, "the build did not stop"
        time.sleep(0.05)
    assert (store.root / "tmp" / recipe.key / "scratch").is_dir()
    with store.lock(recipe.key) as acquired:
        assert acquired

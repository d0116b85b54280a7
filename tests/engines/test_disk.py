"""A store that is full, read-only, removed, damaged or shared: errors are clear, and no finished artifact is lost."""

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from disks import fill, read_only, small_disk
from simple_recipes import NUMBER, Big, Logged, Number, Painted, number
from stored import payloads

from suite.artifacts import Artifact, DataPaths, Recipe, Store
from suite.artifacts.files import write_json
from suite.artifacts.manifest import MANIFEST, RUN, sealed
from suite.engines.build import build, build_all
from suite.engines.engine import Event, EventKind
from suite.engines.local import LocalEngine
from suite.engines.read_only import ReadOnlyEngine
from suite.errors import StoreFailed, UsageError
from suite.images import FirstPerClass

TIMEOUT = 100.0
MB = 2**20


def run(store: Store, *targets: Recipe, jobs: int = 2) -> tuple[dict[str, str], list[Event]]:
    """Run the local engine and return failures and events."""
    events: list[Event] = []
    failed = LocalEngine(store, DataPaths(), ("cpu",) * jobs).run(targets, events.append, threading.Event())
    return failed, events


@pytest.mark.parametrize("file_format", ["bytes", "tensors", "json"])
def test_a_full_disk_is_reported_and_what_fits_is_built(tmp_path: Path, file_format: str) -> None:
    with small_disk(tmp_path / "disk", 4 * MB) as disk:
        store = Store(disk / "store")
        store.prepare()
        done, big, after = Number(value=1), Big(value=2, size=8 * MB, file_format=file_format), Number(value=3)
        build_all(store, [done])
        failed, _ = run(store, Number(value=9, needs=(big,)), done, after, jobs=1)
        reason = (
            f"test-big: store {store.root}: its disk is full: free some space (suite store prune) and start again; "
            "finished artifacts are kept"
        )
        assert set(failed.values()) == {reason}
        assert number(store, after) == 3, "a partial payload must not make the next build fail"
        assert not any((store.root / "tmp" / big.key).glob("payload*/*"))
        assert (store.root / "tmp" / big.key / "scratch" / "checkpoint").exists()
        store.get(done).verify()


def test_a_completely_full_disk_loses_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1 * MB) as disk:
        store = Store(disk / "store")
        store.prepare()
        build_all(store, [Number(value=1)])
        before = payloads(store.root)
        filler = fill(disk)
        failed, _ = run(store, Number(value=2, needs=(Number(value=1),)))
        assert "its disk is full: free some space" in next(iter(failed.values()))
        assert payloads(store.root) == before
        filler.unlink()
        assert run(store, Number(value=2, needs=(Number(value=1),)))[0] == {}
        assert before.items() <= payloads(store.root).items()


def test_a_checkpoint_that_does_not_fit_keeps_the_previous_one(tmp_path: Path) -> None:
    import torch
    from safetensors import SafetensorError

    from suite.artifacts.checkpoint import Checkpoint

    with small_disk(tmp_path / "disk", 2 * MB) as disk:
        network = torch.nn.Linear(500, 500)
        checkpoint = Checkpoint(disk, network=network)
        checkpoint.save(1)
        fill(disk, leave=MB // 2)
        with pytest.raises((OSError, SafetensorError)):
            checkpoint.save(2)
        assert sorted(path.name for path in disk.iterdir()) == ["checkpoint.safetensors", "filler"]
        assert Checkpoint(disk, network=network).restore() == 1


def test_a_store_that_became_read_only_is_reported(store: Store) -> None:
    done, damaged = Number(value=1), Number(value=2)
    build_all(store, [done, damaged])
    (store.path(damaged.key) / NUMBER).write_text("{}")
    with read_only(store.root):
        with pytest.raises(UsageError, match=r"cannot be written \(Read-only file system\): choose another --store"):
            store.prepare()
        missing, dependent = Number(value=3), Number(value=4, needs=(damaged,))
        failed, events = run(store, done, missing, dependent)
        assert set(failed) == {missing.key, dependent.key}
        assert all("it is read-only: choose another --store and start again" in reason for reason in failed.values())
        assert EventKind.CACHED in [event.kind for event in events if event.recipe.key == done.key]
        with pytest.raises(StoreFailed, match="it is read-only"):
            store.set_aside(damaged.key)
    assert run(store, missing, dependent)[0] == {}


def test_the_read_only_engine_finds_existing_artifacts_and_fails_the_rest(store: Store) -> None:
    done, missing = Number(value=1), Number(value=2)
    last = Number(value=3, needs=(done, missing))
    build_all(store, [done])
    events: list[Event] = []
    failed = ReadOnlyEngine(store, "it cannot be written").run([done, last], events.append, threading.Event())
    assert failed == dict.fromkeys((missing.key, last.key), "test-number: it cannot be written")
    kinds = {event.recipe.key: event.kind for event in events}
    assert kinds == {done.key: EventKind.CACHED, missing.key: EventKind.FAILED, last.key: EventKind.FAILED}


def test_a_store_that_disappears_is_reported_and_not_created_again(tmp_path: Path, store: Store) -> None:
    (tmp_path / "log").mkdir()
    done = Number(value=1)
    build_all(store, [done])
    slow = [Logged(value=value, log=str(tmp_path / "log"), seconds=1.5) for value in range(3)]
    last = Number(value=9, needs=(done, *slow))
    moved = tmp_path / "moved"

    def move_store() -> None:
        while not any((tmp_path / "log").iterdir()):
            time.sleep(0.02)
        store.root.rename(moved)

    thread = threading.Thread(target=move_store)
    thread.start()
    failed, _ = run(store, last, jobs=1)
    thread.join(TIMEOUT)
    assert last.key in failed
    ending = f"store {store.root}: it no longer exists: bring it back and start again; finished artifacts are kept"
    assert all(reason.endswith(ending) for reason in failed.values()), failed
    assert not store.root.exists()
    moved.rename(store.root)
    number(store, done)
    assert run(store, last)[0] == {}
    assert number(store, last) == 9 + 1 + 0 + 1 + 2


def chain() -> list[Recipe]:
    """Return image sets, each of which reads all earlier ones."""
    recipes: list[Recipe] = [Painted(per_class=(6, 6))]
    for count in (5, 4, 3):
        recipes.append(FirstPerClass(images=recipes[-1], per_class=(count, count)))
    return recipes


@pytest.mark.parametrize("seed", range(4))
def test_artifacts_with_a_flipped_bit_are_rebuilt_to_the_same_bytes(store: Store, seed: int) -> None:
    recipes = chain()
    build_all(store, recipes)
    expected = payloads(store.root)
    generator = random.Random(seed)
    damaged = recipes[:-1]
    for recipe in damaged:
        path = generator.choice([path for path in sorted(store.path(recipe.key).iterdir()) if path.name != RUN])
        data = bytearray(path.read_bytes())
        data[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
        path.write_bytes(data)
    store.discard(recipes[-1].key)
    failed, events = run(store, recipes[-1])
    assert failed == {}
    assert payloads(store.root) == expected
    reported = [event for event in events if event.kind is EventKind.DAMAGED]
    assert {event.recipe.key for event in reported} == {recipe.key for recipe in damaged}
    assert all("set aside as" in event.message for event in reported)


@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.5, 0.99])
def test_a_truncated_manifest_is_set_aside_and_built_again(store: Store, fraction: float) -> None:
    dependency = Number(value=1)
    path = build_all(store, [dependency])[0].path / MANIFEST
    content = path.read_bytes()
    path.write_bytes(content[: int(fraction * len(content))])
    failed, events = run(store, Number(value=2, needs=(dependency,)))
    assert failed == {}
    assert path.read_bytes() == content
    assert [event.kind for event in events if event.recipe.key == dependency.key].count(EventKind.DAMAGED) == 1


def test_an_artifact_of_a_newer_suite_is_refused_and_kept(store: Store) -> None:
    newer, healthy = Number(value=1), Number(value=5)
    path = build_all(store, [newer])[0].path / MANIFEST
    write_json(path, sealed({"format": 3, "key": newer.key, "payload": "elsewhere"}))
    before = path.read_bytes()
    failed, events = run(store, Number(value=2, needs=(newer,)), healthy)
    (reason,) = failed.values()
    assert reason == (
        f"test-number: {path.parent} was written by a newer suite (format 3, this one reads up to 2): update "
        "the suite, or choose another --store"
    )
    assert EventKind.DAMAGED not in [event.kind for event in events]
    assert path.read_bytes() == before
    assert list((store.root / "damaged").iterdir()) == []
    assert number(store, healthy) == 5


PROGRAM = """
import sys, threading
from pathlib import Path
from simple_recipes import Logged
from suite.artifacts import DataPaths, Store
from suite.engines.local import LocalEngine
if __name__ == "__main__":
    store, log = Store(Path(sys.argv[1])), sys.argv[2]
    store.prepare()
    first = [Logged(value=value, log=log, seconds=0.05) for value in range(6)]
    second = [Logged(value=10 + value, log=log, needs=(first[value], first[value - 1])) for value in range(6)]
    last = Logged(value=99, log=log, needs=tuple(second))
    failed = LocalEngine(store, DataPaths(), ("cpu",)).run([last], lambda _: None, threading.Event())
    sys.exit(str(failed) if failed else 0)
"""


@pytest.mark.slow
def test_eight_processes_on_one_store_build_everything_once(tmp_path: Path, store: Store) -> None:
    log, program = tmp_path / "log", tmp_path / "program.py"
    log.mkdir()
    program.write_text(PROGRAM)
    helpers = next(path for path in sys.path if path.endswith("helpers"))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((helpers, os.environ.get("PYTHONPATH", "")))}
    command = [sys.executable, str(program), str(store.root), str(log)]
    pipe = subprocess.PIPE
    processes = [subprocess.Popen(command, env=environment, stderr=pipe, text=True) for _ in range(8)]
    errors = [process.communicate(timeout=TIMEOUT)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, errors
    builds = Counter(path.name.split(".")[0] for path in log.iterdir())
    assert len(builds) == 13
    assert set(builds.values()) == {1}
    for key in store.keys():  # noqa: SIM118 - not a mapping
        Artifact(store.path(key), key).verify()
    assert list((store.root / "tmp").iterdir()) == []
    assert list((store.root / "damaged").iterdir()) == []


def test_an_error_outside_of_the_store_is_not_translated(store: Store) -> None:
    with pytest.raises(PermissionError), store.translate_os_errors():
        raise PermissionError(13, "Permission denied", "/elsewhere/photo.png")
    with pytest.raises(OSError, match="No space left") as caught, store.translate_os_errors():
        raise OSError(28, "No space left on device", "/elsewhere/photo.png")
    assert not isinstance(caught.value, StoreFailed)
    with pytest.raises(StoreFailed, match="its disk is full"), store.translate_os_errors():
        raise OSError(28, "No space left on device", str(store.root / "tmp" / "x"))


def test_a_build_in_this_process_reports_a_store_that_no_longer_exists(tmp_path: Path, store: Store) -> None:
    store.root.rename(tmp_path / "moved")
    with pytest.raises(StoreFailed, match="it no longer exists: bring it back"):
        build(store, Number(value=1))
    assert not store.root.exists()

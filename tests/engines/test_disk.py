"""A store that is full, read-only, gone, damaged or shared by many: said clearly, and nothing finished is lost."""

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
from suite.engines.read_only import ReadingEngine
from suite.errors import StoreFailed, UsageError
from suite.images import FirstPerClass

PATIENCE = 100.0
MB = 2**20


def run(store: Store, *targets: Recipe, jobs: int = 2) -> tuple[dict[str, str], list[Event]]:
    """Run an engine to its end."""
    heard: list[Event] = []
    failed = LocalEngine(store, DataPaths(), ("cpu",) * jobs).run(targets, heard.append, threading.Event())
    return failed, heard


@pytest.mark.parametrize("how", ["plainly", "tensors", "json"])
def test_a_full_disk_is_named_and_what_fits_is_built(tmp_path: Path, how: str) -> None:
    with small_disk(tmp_path / "disk", 4 * MB) as disk:
        store = Store(disk / "store")
        store.prepare()
        done, big, after = Number(value=1), Big(value=2, size=8 * MB, how=how), Number(value=3)
        build_all(store, [done])
        failed, _ = run(store, Number(value=9, needs=(big,)), done, after, jobs=1)
        reason = (
            f"test-big: store {store.root}: its disk is full: free some space (suite store prune) and start again; "
            "what is finished stays"
        )
        assert set(failed.values()) == {reason}
        assert number(store, after) == 3, "half a payload is no reason for the next to fail"
        assert not any((store.root / "tmp" / big.key).glob("payload*/*"))
        assert (store.root / "tmp" / big.key / "scratch" / "checkpoint").exists()
        store.get(done).verify()


def test_a_disk_without_a_byte_left_loses_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1 * MB) as disk:
        store = Store(disk / "store")
        store.prepare()
        build_all(store, [Number(value=1)])
        before = payloads(store.root)
        ballast = fill(disk)
        failed, _ = run(store, Number(value=2, needs=(Number(value=1),)))
        assert "its disk is full: free some space" in next(iter(failed.values()))
        assert payloads(store.root) == before
        ballast.unlink()
        assert run(store, Number(value=2, needs=(Number(value=1),)))[0] == {}
        assert before.items() <= payloads(store.root).items()


def test_a_checkpoint_that_does_not_fit_leaves_the_one_before(tmp_path: Path) -> None:
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
        assert sorted(path.name for path in disk.iterdir()) == ["ballast", "checkpoint.safetensors"]
        assert Checkpoint(disk, network=network).restore() == 1


def test_a_store_that_became_read_only_is_named(store: Store) -> None:
    done, damaged = Number(value=1), Number(value=2)
    build_all(store, [done, damaged])
    (store.path(damaged.key) / NUMBER).write_text("{}")
    with read_only(store.root):
        with pytest.raises(UsageError, match=r"cannot be written \(Read-only file system\): choose another --store"):
            store.prepare()
        fresh, lost = Number(value=3), Number(value=4, needs=(damaged,))
        failed, heard = run(store, done, fresh, lost)
        assert set(failed) == {fresh.key, lost.key}
        assert all("it can only be read: choose another --store and start again" in said for said in failed.values())
        assert EventKind.CACHED in [event.what for event in heard if event.recipe.key == done.key]
        with pytest.raises(StoreFailed, match="it can only be read"):
            store.set_aside(damaged.key)
    assert run(store, fresh, lost)[0] == {}


def test_the_reading_engine_serves_what_is_there_and_fails_the_rest(store: Store) -> None:
    done, fresh = Number(value=1), Number(value=2)
    last = Number(value=3, needs=(done, fresh))
    build_all(store, [done])
    heard: list[Event] = []
    failed = ReadingEngine(store, "it cannot be written").run([done, last], heard.append, threading.Event())
    assert failed == dict.fromkeys((fresh.key, last.key), "test-number: it cannot be written")
    said = {event.recipe.key: event.what for event in heard}
    assert said == {done.key: EventKind.CACHED, fresh.key: EventKind.FAILED, last.key: EventKind.FAILED}


def test_a_store_that_vanishes_is_named_and_not_made_anew(tmp_path: Path, store: Store) -> None:
    (tmp_path / "log").mkdir()
    done = Number(value=1)
    build_all(store, [done])
    slow = [Logged(value=value, log=str(tmp_path / "log"), seconds=1.5) for value in range(3)]
    last = Number(value=9, needs=(done, *slow))
    away = tmp_path / "away"

    def vanish() -> None:
        while not any((tmp_path / "log").iterdir()):
            time.sleep(0.02)
        store.root.rename(away)

    thread = threading.Thread(target=vanish)
    thread.start()
    failed, _ = run(store, last, jobs=1)
    thread.join(PATIENCE)
    assert last.key in failed
    gone = f"store {store.root}: it is gone: bring it back and start again; what is finished stays"
    assert all(said.endswith(gone) for said in failed.values()), failed
    assert not store.root.exists()
    away.rename(store.root)
    number(store, done)
    assert run(store, last)[0] == {}
    assert number(store, last) == 9 + 1 + 0 + 1 + 2


def chain() -> list[Recipe]:
    """Return image sets each of which reads all that come before it."""
    recipes: list[Recipe] = [Painted(per_class=(6, 6))]
    for take in (5, 4, 3):
        recipes.append(FirstPerClass(images=recipes[-1], per_class=(take, take)))
    return recipes


@pytest.mark.parametrize("seed", range(4))
def test_a_bit_flipped_in_a_file_of_every_artifact_is_mended_to_the_same_bytes(store: Store, seed: int) -> None:
    recipes = chain()
    build_all(store, recipes)
    whole = payloads(store.root)
    draw = random.Random(seed)
    hurt = recipes[:-1]
    for recipe in hurt:
        path = draw.choice([path for path in sorted(store.path(recipe.key).iterdir()) if path.name != RUN])
        data = bytearray(path.read_bytes())
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        path.write_bytes(data)
    store.discard(recipes[-1].key)
    failed, heard = run(store, recipes[-1])
    assert failed == {}
    assert payloads(store.root) == whole
    damaged = [event.message for event in heard if event.what is EventKind.DAMAGED]
    assert {event.recipe.key for event in heard if event.what is EventKind.DAMAGED} == {one.key for one in hurt}
    assert all("set aside as" in message for message in damaged)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_half_written_manifest_is_set_aside_and_built_again(store: Store, share: float) -> None:
    need = Number(value=1)
    path = build_all(store, [need])[0].path / MANIFEST
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    failed, heard = run(store, Number(value=2, needs=(need,)))
    assert failed == {}
    assert path.read_bytes() == whole
    assert [event.what for event in heard if event.recipe.key == need.key].count(EventKind.DAMAGED) == 1


def test_what_a_newer_suite_wrote_is_refused_and_stays(store: Store) -> None:
    newer, fine = Number(value=1), Number(value=5)
    path = build_all(store, [newer])[0].path / MANIFEST
    write_json(path, sealed({"format": 2, "key": newer.key, "payload": "elsewhere"}))
    before = path.read_bytes()
    failed, heard = run(store, Number(value=2, needs=(newer,)), fine)
    (reason,) = failed.values()
    assert reason == (
        f"test-number: {path.parent} was written by a newer suite (format 2, this one reads 1): update the suite, "
        "or choose another --store"
    )
    assert EventKind.DAMAGED not in [event.what for event in heard]
    assert path.read_bytes() == before
    assert list((store.root / "damaged").iterdir()) == []
    assert number(store, fine) == 5


EIGHT = """
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
    program.write_text(EIGHT)
    helpers = next(path for path in sys.path if path.endswith("helpers"))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((helpers, os.environ.get("PYTHONPATH", "")))}
    command = [sys.executable, str(program), str(store.root), str(log)]
    pipe = subprocess.PIPE
    processes = [subprocess.Popen(command, env=environment, stderr=pipe, text=True) for _ in range(8)]
    said = [process.communicate(timeout=PATIENCE)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 8, said
    builds = Counter(path.name.split(".")[0] for path in log.iterdir())
    assert len(builds) == 13
    assert set(builds.values()) == {1}
    for key in store.keys():  # noqa: SIM118 - no mapping
        Artifact(store.path(key), key).verify()
    assert list((store.root / "tmp").iterdir()) == []
    assert list((store.root / "damaged").iterdir()) == []


def test_an_error_that_is_not_the_stores_passes_as_it_is(store: Store) -> None:
    with pytest.raises(PermissionError), store.explained():
        raise PermissionError(13, "Permission denied", "/elsewhere/photo.png")
    with pytest.raises(OSError, match="No space left") as caught, store.explained():
        raise OSError(28, "No space left on device", "/elsewhere/photo.png")
    assert not isinstance(caught.value, StoreFailed)
    with pytest.raises(StoreFailed, match="its disk is full"), store.explained():
        raise OSError(28, "No space left on device", str(store.root / "tmp" / "x"))


def test_a_build_in_this_process_names_a_store_that_is_gone(tmp_path: Path, store: Store) -> None:
    store.root.rename(tmp_path / "away")
    with pytest.raises(StoreFailed, match="it is gone: bring it back"):
        build(store, Number(value=1))
    assert not store.root.exists()

"""The store: an artifact is complete or absent, with any number of processes and builds."""

import errno
import fcntl
import multiprocessing
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from simple_recipes import NUMBER, Concurrent, Logged, Number, number

from suite.artifacts import Recipe, Store
from suite.artifacts.artifact import MANIFEST, RUN
from suite.engines.build import build, build_all
from suite.errors import BadArtifact, UsageError


def payload(path: Path) -> dict[str, bytes]:
    """Return the files of an artifact by name, without the run facts."""
    return {
        file.relative_to(path).as_posix(): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.name != RUN
    }


class AnyOrder(RuleBasedStateMachine):
    """Operations in any order: the store always reports what it contains."""

    base: ClassVar[Path]

    @initialize()
    def open(self) -> None:
        self.store = Store(Path(mkdtemp(dir=self.base)))
        self.store.prepare()
        self.stored: set[int] = set()
        self.set_aside_count = 0

    @rule(value=st.integers(0, 3))
    def build(self, value: int) -> None:
        assert build(self.store, Number(value=value)) is not None
        self.stored.add(value)

    @rule(value=st.integers(0, 3))
    def start_and_abandon(self, value: int) -> None:
        self.store.workspace(Number(value=value).key)
        (self.store.payload(Number(value=value).key) / NUMBER).write_text("half")

    @rule(value=st.integers(0, 3))
    def discard(self, value: int) -> None:
        self.store.discard(Number(value=value).key)
        self.stored.discard(value)

    @rule(value=st.integers(0, 3))
    def set_aside(self, value: int) -> None:
        moved = self.store.set_aside(Number(value=value).key)
        assert (moved is not None) == (value in self.stored)
        self.set_aside_count += value in self.stored
        self.stored.discard(value)

    @invariant()
    def reports_its_content(self) -> None:
        if not hasattr(self, "store"):
            return
        for value in range(4):
            found = self.store.find(Number(value=value))
            assert (found is not None) == (value in self.stored)
            if found is not None:
                found.verify()
                assert number(self.store, Number(value=value)) == value
        assert list(self.store.keys()) == sorted(Number(value=value).key for value in self.stored)
        assert len(list((self.store.root / "damaged").iterdir())) == self.set_aside_count


def test_any_order_of_building_and_discarding(tmp_path: Path) -> None:
    AnyOrder.base = tmp_path
    run_state_machine_as_test(AnyOrder, settings=settings(max_examples=15, stateful_step_count=12, deadline=None))


def test_get_names_the_missing_artifact(store: Store) -> None:
    with pytest.raises(BadArtifact, match=r"test-number.*is not in the store") as caught:
        store.get(Number(value=1))
    assert caught.value.key == Number(value=1).key


def test_an_unwritable_store_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"store .*cannot be written.*choose another --store"):
        Store(tmp_path / "file" / "store").prepare()


def test_a_published_artifact_leaves_no_workspace(store: Store) -> None:
    build_all(store, [Number(value=1)])
    assert list((store.root / "tmp").iterdir()) == []


def test_the_workspace_of_a_build_killed_just_after_publication_is_removed_later(store: Store) -> None:
    published, interrupted = Number(value=1), Number(value=2)
    build_all(store, [published])
    for recipe in (published, interrupted):
        store.workspace(recipe.key)
    store.prepare()
    assert [path.name for path in (store.root / "tmp").iterdir()] == [interrupted.key], (
        "an interrupted build can resume there"
    )


def test_scratch_survives_an_interruption_and_payload_does_not(store: Store) -> None:
    workspace = store.workspace("k")
    (workspace / "scratch" / "checkpoint").touch()
    (store.payload("k") / "half").touch()
    again = store.workspace("k")
    assert (again / "scratch" / "checkpoint").exists()
    assert list(store.payload("k").iterdir()) == []


def test_publishing_keeps_an_existing_artifact(store: Store) -> None:
    recipe = Number(value=1)
    first = build_all(store, [recipe])[0]
    before = (first.path / RUN).read_bytes()
    store.workspace(recipe.key)
    (store.payload(recipe.key) / NUMBER).write_text("another")
    assert store.publish(recipe, {"second": True}).path == first.path
    assert (first.path / RUN).read_bytes() == before
    assert number(store, recipe) == 1


def test_publishing_replaces_an_artifact_without_a_manifest(store: Store) -> None:
    recipe = Number(value=1)
    (build_all(store, [recipe])[0].path / MANIFEST).unlink()
    assert store.find(recipe) is None
    build_all(store, [recipe])
    assert number(store, recipe) == 1
    assert len(list((store.root / "damaged").iterdir())) == 1


def test_several_damaged_artifacts_of_one_recipe_are_kept(store: Store) -> None:
    recipe = Number(value=1)
    targets = []
    for _ in range(3):
        build_all(store, [recipe])
        targets.append(store.set_aside(recipe.key))
    assert len(set(targets)) == 3
    assert all(target is not None and (target / NUMBER).is_file() for target in targets)


def test_a_lock_is_exclusive_until_it_is_released(store: Store) -> None:
    with store.lock("k") as first, store.lock("k") as second, store.lock("other") as third:
        assert (first, second, third) == (True, False, True)
    with store.lock("k") as again:
        assert again


def test_a_running_build_is_neither_started_twice_nor_discarded(store: Store) -> None:
    recipe = Number(value=1)
    with store.lock(recipe.key):
        workspace = store.workspace(recipe.key)
        (workspace / "scratch" / "checkpoint").touch()
        assert build(store, recipe) is None
        store.discard(recipe.key)
        assert (workspace / "scratch" / "checkpoint").exists()
    store.discard(recipe.key)
    assert not workspace.exists()


def _publish(
    store: Store, recipe: Recipe, start: "threading.Event | threading.Barrier", results: "multiprocessing.Queue[str]"
) -> None:
    start.wait()
    try:
        artifact = build(store, recipe)
    except Exception as error:
        results.put(f"{type(error).__name__}: {error}")
        return
    results.put("busy" if artifact is None else "built")


@pytest.fixture
def context() -> multiprocessing.context.ForkContext:
    """Processes that start without delay."""
    return multiprocessing.get_context("fork")


def test_many_processes_that_build_one_recipe_build_one_artifact(
    tmp_path: Path, store: Store, context: multiprocessing.context.ForkContext
) -> None:
    (tmp_path / "log").mkdir()
    recipe = Logged(value=5, log=str(tmp_path / "log"), seconds=0.05)
    start, results = context.Event(), context.Queue()
    processes = [context.Process(target=_publish, args=(store, recipe, start, results)) for _ in range(8)]
    for process in processes:
        process.start()
    start.set()
    outcomes = [results.get(timeout=30) for _ in processes]
    for process in processes:
        process.join(30)
    assert "built" in outcomes
    assert len(list((tmp_path / "log").iterdir())) == 1
    assert list(store.keys()) == [recipe.key]
    separate = Store(tmp_path / "separate")
    separate.prepare()
    assert payload(build_all(separate, [recipe])[0].path) == payload(store.get(recipe).path)


class Lockless(Store):
    """A store on a file system whose locks have no effect."""

    @contextmanager
    def lock(self, key: str) -> Iterator[bool]:  # noqa: ARG002
        yield True


def test_without_locks_concurrent_builds_of_one_recipe_leave_one_complete_artifact(
    tmp_path: Path, store: Store, context: multiprocessing.context.ForkContext
) -> None:
    (tmp_path / "log").mkdir()
    recipe = Concurrent(value=5, log=str(tmp_path / "log"), processes=8)
    start, results = context.Barrier(8), context.Queue()
    lockless = Lockless(store.root)
    processes = [context.Process(target=_publish, args=(lockless, recipe, start, results)) for _ in range(8)]
    for process in processes:
        process.start()
    assert [results.get(timeout=30) for _ in processes] == ["built"] * 8
    for process in processes:
        process.join(30)
    assert len(list((tmp_path / "log").iterdir())) == 8, "no build disturbed another"
    assert list(store.keys()) == [recipe.key]
    separate = Store(tmp_path / "separate")
    separate.prepare()
    assert payload(build_all(separate, [recipe])[0].path) == payload(store.get(recipe).path)
    store.get(recipe).verify()
    assert list((store.root / "tmp").iterdir()) == []


@pytest.mark.parametrize(("number", "acquired"), [(errno.ENOLCK, True), (errno.EOPNOTSUPP, True), (errno.EIO, None)])
def test_on_a_file_system_without_locks_every_process_may_build(
    store: Store, monkeypatch: pytest.MonkeyPatch, number: int, acquired: bool | None
) -> None:
    def flock(*_: object) -> None:
        raise OSError(number, "no locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    if acquired is None:
        with pytest.raises(OSError, match="no locks"), store.lock("k"):
            pass
    else:
        with store.lock("k") as first, store.lock("k") as second:
            assert (first, second) == (True, True)

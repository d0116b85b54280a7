"""The store: an artifact is whole or absent, whoever builds it and however often."""

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
from simple_recipes import NUMBER, Crowded, Logged, Number, number

from suite.artifacts import Recipe, Store
from suite.artifacts.artifact import MANIFEST, RUN
from suite.engines.build import build, build_all
from suite.errors import BadArtifact, UsageError


def payload(path: Path) -> dict[str, bytes]:
    """Return the files of an artifact by name, but for the facts of the run."""
    return {
        file.relative_to(path).as_posix(): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.name != RUN
    }


class AnyOrder(RuleBasedStateMachine):
    """Whatever is done in whatever order, the store tells what is in it."""

    base: ClassVar[Path]

    @initialize()
    def open(self) -> None:
        self.store = Store(Path(mkdtemp(dir=self.base)))
        self.store.prepare()
        self.there: set[int] = set()
        self.aside = 0

    @rule(value=st.integers(0, 3))
    def build(self, value: int) -> None:
        assert build(self.store, Number(value=value)) is not None
        self.there.add(value)

    @rule(value=st.integers(0, 3))
    def start_and_give_up(self, value: int) -> None:
        self.store.workspace(Number(value=value).key)
        (self.store.payload(Number(value=value).key) / NUMBER).write_text("half")

    @rule(value=st.integers(0, 3))
    def discard(self, value: int) -> None:
        self.store.discard(Number(value=value).key)
        self.there.discard(value)

    @rule(value=st.integers(0, 3))
    def set_aside(self, value: int) -> None:
        moved = self.store.set_aside(Number(value=value).key)
        assert (moved is not None) == (value in self.there)
        self.aside += value in self.there
        self.there.discard(value)

    @invariant()
    def tells_what_is_there(self) -> None:
        if not hasattr(self, "store"):
            return
        for value in range(4):
            found = self.store.find(Number(value=value))
            assert (found is not None) == (value in self.there)
            if found is not None:
                found.verify()
                assert number(self.store, Number(value=value)) == value
        assert list(self.store.keys()) == sorted(Number(value=value).key for value in self.there)
        assert len(list((self.store.root / "damaged").iterdir())) == self.aside


def test_any_order_of_building_and_forgetting(tmp_path: Path) -> None:
    AnyOrder.base = tmp_path
    run_state_machine_as_test(AnyOrder, settings=settings(max_examples=15, stateful_step_count=12, deadline=None))


def test_get_names_what_is_missing(store: Store) -> None:
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


def test_what_a_build_left_that_was_killed_just_after_it_had_published_is_tidied_later(store: Store) -> None:
    published, broken_off = Number(value=1), Number(value=2)
    build_all(store, [published])
    for recipe in (published, broken_off):
        store.workspace(recipe.key)
    store.prepare()
    assert [path.name for path in (store.root / "tmp").iterdir()] == [broken_off.key], "it may go on from there"


def test_scratch_outlives_an_interruption_and_payload_does_not(store: Store) -> None:
    workspace = store.workspace("k")
    (workspace / "scratch" / "checkpoint").touch()
    (store.payload("k") / "half").touch()
    again = store.workspace("k")
    assert (again / "scratch" / "checkpoint").exists()
    assert list(store.payload("k").iterdir()) == []


def test_publishing_keeps_the_artifact_that_is_there(store: Store) -> None:
    recipe = Number(value=1)
    first = build_all(store, [recipe])[0]
    before = (first.path / RUN).read_bytes()
    store.workspace(recipe.key)
    (store.payload(recipe.key) / NUMBER).write_text("another")
    assert store.publish(recipe, {"second": True}).path == first.path
    assert (first.path / RUN).read_bytes() == before
    assert number(store, recipe) == 1


def test_publishing_replaces_what_is_left_of_an_artifact_without_its_manifest(store: Store) -> None:
    recipe = Number(value=1)
    (build_all(store, [recipe])[0].path / MANIFEST).unlink()
    assert store.find(recipe) is None
    build_all(store, [recipe])
    assert number(store, recipe) == 1
    assert len(list((store.root / "damaged").iterdir())) == 1


def test_damaged_artifacts_are_kept_side_by_side(store: Store) -> None:
    recipe = Number(value=1)
    data_paths = []
    for _ in range(3):
        build_all(store, [recipe])
        data_paths.append(store.set_aside(recipe.key))
    assert len(set(data_paths)) == 3
    assert all(place is not None and (place / NUMBER).is_file() for place in data_paths)


def test_a_lock_is_had_once_and_freed(store: Store) -> None:
    with store.lock("k") as first, store.lock("k") as second, store.lock("other") as third:
        assert (first, second, third) == (True, False, True)
    with store.lock("k") as again:
        assert again


def test_what_is_being_built_is_neither_built_twice_nor_discarded(store: Store) -> None:
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
    store: Store, recipe: Recipe, start: "threading.Event | threading.Barrier", answers: "multiprocessing.Queue[str]"
) -> None:
    start.wait()
    try:
        made = build(store, recipe)
    except Exception as error:
        answers.put(f"{type(error).__name__}: {error}")
        return
    answers.put("busy" if made is None else "there")


@pytest.fixture
def context() -> multiprocessing.context.ForkContext:
    """Processes that start at once."""
    return multiprocessing.get_context("fork")


def test_many_processes_that_build_one_recipe_make_one_artifact(
    tmp_path: Path, store: Store, context: multiprocessing.context.ForkContext
) -> None:
    (tmp_path / "log").mkdir()
    recipe = Logged(value=5, log=str(tmp_path / "log"), seconds=0.05)
    start, answers = context.Event(), context.Queue()
    processes = [context.Process(target=_publish, args=(store, recipe, start, answers)) for _ in range(8)]
    for process in processes:
        process.start()
    start.set()
    told = [answers.get(timeout=30) for _ in processes]
    for process in processes:
        process.join(30)
    assert "there" in told
    assert len(list((tmp_path / "log").iterdir())) == 1
    assert list(store.keys()) == [recipe.key]
    alone = Store(tmp_path / "alone")
    alone.prepare()
    assert payload(build_all(alone, [recipe])[0].path) == payload(store.get(recipe).path)


class Lockless(Store):
    """A store on a file system whose locks keep nobody out."""

    @contextmanager
    def lock(self, key: str) -> Iterator[bool]:  # noqa: ARG002
        yield True


def test_without_locks_builders_of_one_recipe_leave_one_whole_artifact(
    tmp_path: Path, store: Store, context: multiprocessing.context.ForkContext
) -> None:
    (tmp_path / "log").mkdir()
    recipe = Crowded(value=5, log=str(tmp_path / "log"), crowd=8)
    start, answers = context.Barrier(8), context.Queue()
    lockless = Lockless(store.root)
    processes = [context.Process(target=_publish, args=(lockless, recipe, start, answers)) for _ in range(8)]
    for process in processes:
        process.start()
    assert [answers.get(timeout=30) for _ in processes] == ["there"] * 8
    for process in processes:
        process.join(30)
    assert len(list((tmp_path / "log").iterdir())) == 8, "nobody was in anybody's way"
    assert list(store.keys()) == [recipe.key]
    alone = Store(tmp_path / "alone")
    alone.prepare()
    assert payload(build_all(alone, [recipe])[0].path) == payload(store.get(recipe).path)
    store.get(recipe).verify()
    assert list((store.root / "tmp").iterdir()) == []


@pytest.mark.parametrize(("number", "had"), [(errno.ENOLCK, True), (errno.EOPNOTSUPP, True), (errno.EIO, None)])
def test_a_file_system_without_locks_gives_the_right_to_everybody(
    store: Store, monkeypatch: pytest.MonkeyPatch, number: int, had: bool | None
) -> None:
    def flock(*_: object) -> None:
        raise OSError(number, "no locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    if had is None:
        with pytest.raises(OSError, match="no locks"), store.lock("k"):
            pass
    else:
        with store.lock("k") as first, store.lock("k") as second:
            assert (first, second) == (True, True)

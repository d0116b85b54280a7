"""The task that runs on a node of a cluster, without Ray."""

import sys
import threading
import time
from pathlib import Path

import pytest
from simple_recipes import Gpus, Killed, Number, Slow, number

from suite.artifacts import DataPaths, Recipe, Store
from suite.engines.build import build_all
from suite.engines.messages import Built, Failed, Progressed, Started, WorkerDied
from suite.engines.ray_task import BuildTask, run_task, versions_to_match, wait_until_visible


def make_task(store: Store, recipe: Recipe, **other_versions: str) -> BuildTask:
    """Return a task as a driver with the same versions, apart from the given ones, sends it."""
    return BuildTask(
        recipe=recipe,
        store=store,
        device="cpu",
        data_paths=DataPaths(),
        imports=(),
        versions={**versions_to_match(), **other_versions},
    )


def test_a_build_is_reported_from_start_to_outcome(store: Store) -> None:
    main_file = getattr(sys.modules["__main__"], "__file__", None)
    first, *middle, last = run_task(make_task(store, Slow(value=4, seconds=0.5)))
    assert first == Started()
    assert isinstance(last, Built)
    assert len(middle) == 1, "not every step is reported to the driver"
    assert isinstance(middle[0], Progressed)
    assert number(store, Slow(value=4, seconds=0.5)) == 4
    assert getattr(sys.modules["__main__"], "__file__", None) == main_file, "the main file is restored"


def test_a_worker_that_dies_is_reported(store: Store) -> None:
    *_, last = run_task(make_task(store, Killed(value=1)))
    assert isinstance(last, WorkerDied)


@pytest.mark.parametrize("gpu", [3, 5])
def test_a_build_sees_the_gpus_of_its_task(store: Store, monkeypatch: pytest.MonkeyPatch, gpu: int) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", str(gpu))  # another one than when the fork server was started
    *_, last = run_task(make_task(store, Gpus(value=gpu)))
    assert isinstance(last, Built)
    assert number(store, Gpus(value=gpu)) == gpu


@pytest.mark.parametrize("name", ["suite", "torch", "python"])
def test_a_node_with_other_versions_builds_nothing(store: Store, name: str) -> None:
    recipe = Number(value=1)
    (only,) = run_task(make_task(store, recipe, **{name: "0.0"}))
    assert isinstance(only, Failed)
    assert f" has {name} {versions_to_match()[name]}, the driver has 0.0: install the same version" in only.message
    assert store.find(recipe) is None


def test_a_node_with_another_version_of_the_step_builds_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = Number(value=1)
    assert recipe.key
    monkeypatch.setattr(Number, "version", 2)
    (only,) = run_task(make_task(store, recipe))
    assert isinstance(only, Failed)
    assert "another version of step test-number: install the same code on every node" in only.message
    assert store.find(recipe) is None


def test_a_node_without_the_store_is_reported(tmp_path: Path) -> None:
    (only,) = run_task(make_task(Store(tmp_path / "elsewhere"), Number(value=1)))
    assert isinstance(only, Failed)
    assert (
        f"has no store {tmp_path / 'elsewhere'}: choose a --store that every node has under the same path"
        in only.message
    )
    assert not (tmp_path / "elsewhere").exists()


def test_a_node_waits_for_an_artifact_that_another_node_has_just_published(store: Store) -> None:
    recipe = Number(value=1)
    assert not wait_until_visible(store, recipe, seconds=0)
    timer = threading.Timer(0.3, build_all, (store, [recipe]))
    timer.start()
    started = time.monotonic()
    assert wait_until_visible(store, recipe, seconds=30)
    assert time.monotonic() - started < 20
    timer.join()

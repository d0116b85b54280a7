"""What a node of a cluster does before, while and after it builds; Ray itself has no part in it."""

import sys
import threading
import time
from pathlib import Path

import pytest
from simple_recipes import Gpus, Killed, Number, Slow, number

from suite.artifacts import DataPaths, Recipe, Store
from suite.engines.build import build_all
from suite.engines.messages import Advanced, Built, Failed, Started, WorkerDied
from suite.engines.ray_task import Job, is_seen, release, run_job


def job(store: Store, recipe: Recipe, **other: str) -> Job:
    """Return the order to build a recipe, as a driver of the same release gives it."""
    return Job(
        recipe=recipe, store=store, device="cpu", data_paths=DataPaths(), imports=(), release={**release(), **other}
    )


def test_a_build_is_told_from_its_start_to_its_answer(store: Store) -> None:
    program = getattr(sys.modules["__main__"], "__file__", None)
    first, *middle, last = run_job(job(store, Slow(value=4, seconds=0.5)))
    assert first == Started()
    assert isinstance(last, Built)
    assert len(middle) == 1, "a cluster's driver does not hear of every step"
    assert isinstance(middle[0], Advanced)
    assert number(store, Slow(value=4, seconds=0.5)) == 4
    assert getattr(sys.modules["__main__"], "__file__", None) == program, "the program has its name again"


def test_what_dies_is_told_too(store: Store) -> None:
    *_, last = run_job(job(store, Killed(value=1)))
    assert isinstance(last, WorkerDied)


@pytest.mark.parametrize("gpu", [3, 5])
def test_a_build_may_use_the_gpus_that_its_task_was_given(
    store: Store, monkeypatch: pytest.MonkeyPatch, gpu: int
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", str(gpu))  # another one than when the server of processes was started
    *_, last = run_job(job(store, Gpus(value=gpu)))
    assert isinstance(last, Built)
    assert number(store, Gpus(value=gpu)) == gpu


@pytest.mark.parametrize("name", ["suite", "torch", "python"])
def test_another_release_builds_nothing(store: Store, name: str) -> None:
    recipe = Number(value=1)
    (only,) = run_job(job(store, recipe, **{name: "0.0"}))
    assert isinstance(only, Failed)
    assert f" has {name} {release()[name]}, where the run was started it is 0.0: install the same" in only.message
    assert store.find(recipe) is None


def test_another_version_of_the_step_builds_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = Number(value=1)
    assert recipe.key
    monkeypatch.setattr(Number, "version", 2)
    (only,) = run_job(job(store, recipe))
    assert isinstance(only, Failed)
    assert "another version of step test-number: install the same code on every node" in only.message
    assert store.find(recipe) is None


def test_a_store_that_the_node_does_not_see_is_said(tmp_path: Path) -> None:
    (only,) = run_job(job(Store(tmp_path / "elsewhere"), Number(value=1)))
    assert isinstance(only, Failed)
    assert f"has no store {tmp_path / 'elsewhere'}: choose a --store that every node sees" in only.message
    assert not (tmp_path / "elsewhere").exists()


def test_what_another_node_has_just_published_is_waited_for(store: Store) -> None:
    recipe = Number(value=1)
    assert not is_seen(store, recipe, seconds=0)
    later = threading.Timer(0.3, build_all, (store, [recipe]))
    later.start()
    began = time.monotonic()
    assert is_seen(store, recipe, seconds=30)
    assert time.monotonic() - began < 20
    later.join()

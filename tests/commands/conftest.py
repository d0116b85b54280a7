"""Fixtures: a store with some artifacts of a case and some that no case reaches, and ``suite store`` as a function."""

from collections.abc import Callable
from pathlib import Path

import pytest
from filled_store import Filled
from plugin_project import write_dataset
from sample_results import make_results
from simple_recipes import Number

from suite.__main__ import main
from suite.artifacts import DataPaths, Store
from suite.datasets.locate import locate
from suite.engines.build import build_all
from suite.planning.case import Case
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile

__all__ = ["make_results"]


@pytest.fixture
def filled(tmp_path: Path, store: Store) -> Filled:
    """A store with five artifacts."""
    root, cases = write_dataset(tmp_path / "data", train=30), tmp_path / "cases"
    cases.mkdir()
    data_paths = DataPaths(data_roots=(root,), cache=store.root / "downloads")
    memo = store.root / "contents"
    locate("photos", data_paths, memo)
    plan = Planner(load_profile("smoke"), data_paths, memo).case(Case(dataset="photos", mode="org"))
    old = plan.real.model_copy(update={"seed": 99})
    build_all(store, [plan.real, old, Number(value=1)], data_paths=data_paths)
    trained = plan.classifiers[0]  # the commands never read its content, so it is not trained here
    store.workspace(trained.key)
    (store.payload(trained.key) / "model.safetensors").write_bytes(bytes(1000))
    store.publish(trained, {"label": trained.label, "seconds": 1.5})
    keys = (trained.key, plan.real.key, plan.real.images.key, old.key, Number(value=1).key)
    return Filled(store, root, cases, *keys)


CommandResult = tuple[int, list[str], str]


@pytest.fixture
def suite(capsys: pytest.CaptureFixture[str]) -> Callable[..., CommandResult]:
    """A function that runs ``suite store`` and returns the exit code, the printed lines and the text on stderr."""

    def run(command: str, store: Store, *arguments: str | Path) -> CommandResult:
        capsys.readouterr()
        code = main(["store", command, "--store", str(store.root), *map(str, arguments)])
        printed = capsys.readouterr()
        return code, printed.out.splitlines(), printed.err

    return run

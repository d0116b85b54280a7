"""Time to collect the cases and to show a finished table, against an empty pytest run in the same environment."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
GROUP = "start: collection and a finished table, against an empty run"
MANY = 10_000
TABLE = ("-k", "digits", "--limit-steps", "20")  # all seven columns; few steps are enough to have them

Run = Callable[..., None]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a store in which the table of digits is finished."""
    folder = tmp_path_factory.mktemp("finished")
    _cases(folder, *TABLE)
    return folder


def _cases(folder: Path, *arguments: str) -> None:
    _pytest(ROOT, "cases", "--store", str(folder / "store"), "--reports", str(folder / "reports"), *arguments)


def _pytest(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    completed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert completed.returncode == 0, completed.stdout + completed.stderr


@pytest.mark.benchmark(group=GROUP)
def test_an_empty_run(benchmark: Any, tmp_path: Path) -> None:
    (tmp_path / "test_nothing.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
    benchmark.pedantic(_pytest, args=(tmp_path,), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group=GROUP)
@pytest.mark.parametrize("profile", ["smoke", "cpu", "paper"])
def test_collect_only(benchmark: Any, finished: Path, profile: str) -> None:
    arguments = (finished, "--collect-only", "--profile", profile)
    benchmark.pedantic(_cases, args=arguments, rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group=GROUP)
def test_a_finished_table(benchmark: Any, finished: Path) -> None:
    benchmark.pedantic(_cases, args=(finished, *TABLE), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group=GROUP)
def test_a_finished_table_with_ten_thousand_other_artifacts(benchmark: Any, finished: Path, tmp_path: Path) -> None:
    shutil.copytree(finished / "store", tmp_path / "store")
    for number in range(MANY):
        key = f"{number:032x}"[::-1]
        folder = tmp_path / "store" / "artifacts" / key[:2] / key
        folder.mkdir(parents=True, exist_ok=True)
        manifest = {"format": 1, "key": key, "files": {}, "step": "benchmark", "version": 1, "fields": {}}
        (folder / "recipe.json").write_text(json.dumps(manifest), encoding="utf-8")
    benchmark.pedantic(_cases, args=(tmp_path, *TABLE), rounds=5, warmup_rounds=1)

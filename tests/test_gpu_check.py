"""``benchmarks/gpu_check.py``, on a CPU at a tiny size."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "benchmarks"))

import gpu_check  # noqa: E402
from gpu_parts import CheckFailed, Options, compare, run_checks  # noqa: E402
from gpu_parts.pipeline import random_networks  # noqa: E402

from suite.artifacts import Store  # noqa: E402
from suite.generators.sd.pipeline_sizes import KNOWN_PIPELINES  # noqa: E402


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(ROOT / "benchmarks" / "gpu_check.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT.parent)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("part", "columns"),
    [
        ("accuracy", {"accuracy, %", "on a CPU, %"}),
        ("reproducibility", {"equal files", "kills"}),
        ("speed", {"images/s", "share of the matrix rate", "hours, first look", "hours, last look"}),
        ("precision", {"loss, float32", "loss, bfloat16"}),
        ("faults", {"seen", "exit code"}),
    ],
)
def test_every_part_passes_on_a_cpu(part: str, columns: set[str], tmp_path: Path) -> None:
    rows = run_checks(import_module(f"gpu_parts.{part}").checks(Options(tmp_path, "cpu", tiny=True)))
    assert [row for row in rows if row["status"] != "passed"] == []
    assert columns <= {name for row in rows for name, value in row.items() if value is not None}


@pytest.mark.slow
def test_compiled_trainings_are_measured_beside_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[torch.nn.Module] = []
    monkeypatch.setattr(torch.nn.Module, "compile", lambda module: compiled.append(module))  # takes minutes
    rows = run_checks(import_module("gpu_parts.compiled").checks(Options(tmp_path, "cpu", tiny=True)))
    assert [row for row in rows if row["status"] != "passed"] == []
    assert len(rows) == 7
    assert len(compiled) == 4  # classifier, diffusion model, generator and discriminator


def test_the_random_pipeline_has_the_size_of_stable_diffusion() -> None:
    networks = random_networks("meta", tiny=False).values()
    parameters = sum(weight.numel() for network in networks for weight in network.parameters())
    assert parameters == KNOWN_PIPELINES["stable-diffusion-v1-5/stable-diffusion-v1-5"].parameters


def test_without_a_gpu_it_prints_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suite.devices.cuda_driver", lambda: (0, 0))
    assert gpu_check.main([]) == 3
    assert capsys.readouterr().out == "gpu_check: this machine has no NVIDIA GPU\n"


def test_the_requirements_are_those_of_the_project_without_torch() -> None:
    listed = run("--requirements")
    assert listed.returncode == 0
    names = [line.partition(">=")[0] for line in listed.stdout.splitlines()]
    assert "torch" not in names
    assert {"torchvision", "torch-fidelity", "diffusers", "pytest"} <= set(names)


def test_a_failed_part_is_recorded_and_the_others_go_on(tmp_path: Path) -> None:
    arguments = ("--device", "cpu", "--tiny", "--cpu-results", str(tmp_path / "absent.json"))
    ended = run("--output", str(tmp_path), "--parts", "accuracy", "accuracy", *arguments)
    assert ended.returncode == 1, ended.stderr
    results = json.loads((tmp_path / "gpu.json").read_text("utf-8"))
    (row,) = results["parts"]["accuracy"]["checks"]
    assert row["status"] == "failed"
    assert "absent.json" in row["message"]
    page = (tmp_path / "gpu.md").read_text("utf-8")
    assert "| the whole part | failed |" in page
    assert "A tiny run" in page


def test_a_part_is_ended_at_its_time_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(gpu_check.LIMITS, "speed", 0.2)
    options = gpu_check._parse(["--device", "cpu", "--tiny", "--output", str(tmp_path)])
    (row,) = gpu_check.in_process(options, "speed")
    assert row == {"check": "the whole part", "status": "failed", "message": "not done within 0 s"}


def test_the_time_limits_are_eight_minutes_together() -> None:
    assert sum(gpu_check.SECONDS.values()) <= 480


def test_an_exception_fails_its_own_check_only() -> None:
    def fails() -> dict[str, Any]:
        raise CheckFailed("three files\ndiffer")

    saved: list[int] = []
    rows = run_checks([("one", fails), ("two", lambda: {"value": 1})], lambda rows: saved.append(len(rows)))
    assert [row["status"] for row in rows] == ["failed", "passed"]
    assert rows[0]["message"] == "CheckFailed: three files differ"
    assert rows[1]["value"] == 1
    assert saved == [1, 2]


def test_different_files_are_noticed(tmp_path: Path) -> None:
    stores = [Store(tmp_path / name) for name in ("a", "b")]
    for store, content in zip(stores, ("same", "other"), strict=True):
        folder = store.root / "artifacts" / "00" / "key"
        folder.mkdir(parents=True)
        (folder / "equal.json").write_text("{}")
        (folder / "run.json").write_text(content)
    assert compare(*stores) == {"equal files": 1}
    (folder / "equal.json").write_text("[]")
    with pytest.raises(CheckFailed, match=r"1 of 1 files differ: 00/key/equal\.json"):
        compare(*stores)

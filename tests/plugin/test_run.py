"""Whole runs on a tiny dataset: repeated, damaged, forced, concurrent and interrupted runs."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from plugin_project import CASE, USAGE_ERROR, Project
from ray_cluster import needs_ray, ray_cluster
from stored import payloads, runs

from suite.artifacts import Store

pytestmark = pytest.mark.slow

Processes = list["subprocess.Popen[str]"]
TIMEOUT = 150.0
HEAVY = {"torch", "torchvision", "numpy", "scipy", "sklearn", "matplotlib", "diffusers", "timm", "PIL"}


def table(text: str) -> list[str]:
    """Return the lines of Table 1 in the output of a run, which must have exactly one."""
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("Table 1")]
    assert len(starts) == 1, text
    return lines[starts[0] : lines.index("", starts[0])]


def org_cell(project: Project) -> dict[str, object]:
    """Return the result of photos-org in the report."""
    cells = json.loads((project.path / "reports" / "smoke" / "results.json").read_text("utf-8"))["cells"]
    return next(cell for cell in cells if cell["dataset"] == "photos" and cell["mode"] == "org")


def artifact(project: Project, step: str, seed: int = 0) -> Path:
    """Return the artifact directory of a step, ``resnet18`` or ``predictions``, of a classifier seed."""
    folders = [path.parent for path in (project.store / "artifacts").glob("*/*/run.json")]
    label = f"{step}, seed {seed}"
    return next(path for path in folders if json.loads((path / "run.json").read_text("utf-8"))["label"] == label)


def test_first_run_prints_the_table_and_writes_the_report(finished: Project, photos: Path) -> None:
    output = (photos.parent / "finished" / "output.txt").read_text("utf-8")
    assert any(line.split()[0] == "photos" for line in table(output) if line.strip())
    cell = org_cell(finished)
    assert cell["status"] == "done"
    assert len(cell["accuracies"]) == 2
    summaries = [artifact(finished, "predictions", seed) / "summary.json" for seed in (0, 1)]
    assert cell["accuracies"] == [json.loads(path.read_text("utf-8"))["accuracy"] for path in summaries]
    assert cell["mean"] == pytest.approx(sum(cell["accuracies"]) / 2)
    assert cell["counts"]["real"] == [11, 11, 11], "10 % of the train split are for validation"
    assert cell["counts"]["evaluation"] == [6, 6, 6]
    assert cell["training_cost"]["images_seen"] == 8 * 33, "profile smoke has 8 epochs"
    folder = finished.path / "reports" / "smoke"
    assert {"results.json", "table1.md", "table1.csv", "discriminator.md"} <= {path.name for path in folder.iterdir()}


PROGRAM = """
import json, sys, pytest
status = pytest.main(sys.argv[1:])
print(json.dumps({"status": int(status), "modules": sorted({name.partition(".")[0] for name in sys.modules})}))
"""


def test_repeated_run_builds_nothing_and_imports_no_heavy_modules(finished: Project, photos: Path) -> None:
    before, report = runs(finished.store), org_cell(finished)
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, "cases", *CASE, "--data-root", str(photos)],
        capture_output=True,
        text=True,
        cwd=finished.path,
        check=True,
    )
    output = json.loads(result.stdout.splitlines()[-1])
    assert output["status"] == 0
    assert HEAVY & set(output["modules"]) == set()
    assert table(result.stdout) == table((photos.parent / "finished" / "output.txt").read_text("utf-8"))
    assert runs(finished.store) == before
    assert org_cell(finished) == report


def test_xdist_on_a_finished_store_prints_the_tables_once(finished: Project, photos: Path) -> None:
    before = runs(finished.store)
    result = finished.run(*CASE, "--data-root", photos, "-n", "2")
    assert result.ret == 0
    assert table(result.stdout.str()) == table((photos.parent / "finished" / "output.txt").read_text("utf-8"))
    assert runs(finished.store) == before


def test_benchmark_json_has_recorded_time_and_metrics(finished: Project, photos: Path) -> None:
    result = finished.run(*CASE, "--data-root", photos, "--benchmark-json=times.json")
    assert result.ret == 0
    (times,) = json.loads((finished.path / "times.json").read_text("utf-8"))["benchmarks"]
    cell = org_cell(finished)
    assert times["stats"]["mean"] == pytest.approx(sum(cell["seconds"].values()))
    assert times["stats"]["mean"] > 0
    assert times["extra_info"]["mean"] == cell["mean"]


def test_mean_outside_its_expected_range_fails_with_both_numbers(finished: Project, photos: Path) -> None:
    row = 'generators = ["cd"]\n[expected.smoke]\norg = [0.0, 0.5]\n'
    (finished.path / "cases" / "photos.toml").write_text(row, encoding="utf-8")
    result = finished.run(*CASE, "--data-root", photos)
    assert result.ret == 1
    mean = org_cell(finished)["mean"]
    result.stdout.fnmatch_lines([f"*photos-org: {mean:.1f} % is outside 0 to 0.5*"])
    result.stdout.fnmatch_lines([f"deviation: photos-org: {mean:.1f} lies outside the expected 0 to 0.5*"])


def test_report_that_cannot_be_written_keeps_artifacts_and_tables(finished: Project, photos: Path) -> None:
    (finished.path / "file").touch()
    before = runs(finished.store)
    result = finished.run(*CASE, "--data-root", photos, "--reports", "file/reports")
    assert result.ret == USAGE_ERROR
    folder = finished.path / "file" / "reports" / "smoke"
    message = f"ERROR: reports {folder} cannot be written (Not a directory): choose another --reports"
    result.stdout.fnmatch_lines([message])
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    assert table(result.stdout.str())
    assert runs(finished.store) == before


def test_absent_dataset_is_skipped_with_the_remedy(finished: Project, photos: Path) -> None:
    result = finished.run("-k", "melanoma-org or photos-org", "--seeds", "2", "--data-root", photos, "-rs")
    assert result.ret == 0
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["missing: melanoma: *", "SKIPPED*melanoma*--data-root*"])
    rows = [line.split() for line in result.outlines if line.startswith(("melanoma ", "photos "))]
    assert ["melanoma", "n/a"] in [row[:2] for row in rows]


def test_unknown_dataset_fails_and_other_cases_pass(finished: Project, photos: Path) -> None:
    (finished.path / "cases" / "phantom.toml").write_text('generators = ["cd"]\n', encoding="utf-8")
    result = finished.run("-k", "phantom-org or photos-org", "--seeds", "2", "--data-root", photos)
    assert result.ret == 1
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*unknown dataset 'phantom': choose from *"])
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_damaged_artifacts_are_set_aside_reported_and_rebuilt(finished: Project, photos: Path, jobs: str) -> None:
    """One of them is the history of a classifier, which only the result is read from."""
    report, before = org_cell(finished), runs(finished.store)
    damaged = [artifact(finished, "predictions", 1) / "summary.json", artifact(finished, "resnet18") / "history.json"]
    contents = [path.read_bytes() for path in damaged]
    for path, content in zip(damaged, contents, strict=True):
        path.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
    result = finished.run(*CASE[:-1], jobs, "--data-root", photos)
    assert result.ret == 0, result.stdout.str()
    assert [path.read_bytes() for path in damaged] == contents
    assert len([line for line in result.outlines if line.startswith("damaged: ") and "set aside as" in line]) == 2
    rebuilt = {key for key, run in runs(finished.store).items() if run != before[key]}
    assert rebuilt == {path.parent.name for path in damaged}
    recorded_fields = {"seconds": None, "memory": None}
    assert {**org_cell(finished), **recorded_fields} == {**report, **recorded_fields}


@pytest.mark.thorough
def test_force_rebuilds_every_artifact_once_with_the_same_bytes(finished: Project, photos: Path) -> None:
    before = runs(finished.store)
    manifests = {key: (Store(finished.store).path(key) / "recipe.json").read_bytes() for key in before}
    time.sleep(1.1)  # build times are recorded in whole seconds
    result = finished.run(*CASE, "--data-root", photos, "--force", "-n", "2")
    assert result.ret == 0, result.stdout.str()
    after = runs(finished.store)
    assert set(after) == set(before)
    kept = [key for key in after if after[key] == before[key]]  # a figure depends on the numbers alone
    assert [json.loads(manifests[key])["step"] for key in kept] == ["reliability-plot"]
    assert manifests == {key: (Store(finished.store).path(key) / "recipe.json").read_bytes() for key in after}


@pytest.fixture
def processes() -> Iterator[Processes]:
    """Concurrent pytest runs, each in its own process group; they are killed at the end of the test."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


def start_pytest(project: Project, photos: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "pytest", "cases", *CASE, "--data-root", str(photos), *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command,
        cwd=project.path,
        stdout=pipe,
        stderr=pipe,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # background jobs of a shell ignore SIGINT
    )


@pytest.mark.thorough
def test_two_concurrent_runs_build_every_artifact_once(project: Project, photos: Path, processes: Processes) -> None:
    processes += [start_pytest(project, photos, "--reports", name) for name in ("one", "two")]
    output = [process.communicate(timeout=TIMEOUT)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], output
    assert table(output[0]) == table(output[1])
    reports = [
        json.loads((project.path / name / "smoke" / "results.json").read_text("utf-8")) for name in ("one", "two")
    ]
    assert reports[0] == reports[1], "each artifact was built once, so both reports have the same recorded times"


@pytest.mark.thorough
def test_interrupted_run_has_no_traceback_and_can_be_continued(
    project: Project, photos: Path, processes: Processes
) -> None:
    processes.append(start_pytest(project, photos))
    tmp = project.store / "tmp"
    deadline = time.monotonic() + TIMEOUT
    while not (tmp.is_dir() and any(tmp.iterdir())):
        assert time.monotonic() < deadline, "nothing is being built"
        time.sleep(0.05)
    os.killpg(processes[0].pid, signal.SIGINT)
    output, errors = processes[0].communicate(timeout=TIMEOUT)
    assert processes[0].returncode == 2
    assert "Traceback" not in errors, errors
    assert "KeyboardInterrupt" in output
    finished = runs(project.store)
    result = project.run(*CASE, "--data-root", photos)
    assert result.ret == 0
    assert finished.items() <= runs(project.store).items()


@needs_ray
@pytest.mark.thorough
def test_ray_cluster_gives_the_same_table_and_artifacts(finished: Project, photos: Path) -> None:
    before, output = payloads(finished.store), (photos.parent / "finished" / "output.txt").read_text(encoding="utf-8")
    shutil.rmtree(finished.store / "artifacts")
    shutil.rmtree(finished.path / "reports")
    with ray_cluster() as cluster:
        result = finished.run(*CASE, "--data-root", photos, "--engine", "ray", "--ray-address", cluster.address)
    assert result.ret == 0, result.stdout.str()
    assert table(result.stdout.str()) == table(output)
    assert payloads(finished.store) == before

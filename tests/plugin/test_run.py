"""Whole runs on a tiny dataset: built, shown again, damaged, forced, shared and interrupted."""

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

Runs = list["subprocess.Popen[str]"]
PATIENCE = 150.0
HEAVY = {"torch", "torchvision", "numpy", "scipy", "sklearn", "matplotlib", "diffusers", "timm", "PIL"}


def table(text: str) -> list[str]:
    """Return the lines of Table 1 in what a run printed; there is one."""
    lines = text.splitlines()
    data_paths = [number for number, line in enumerate(lines) if line.startswith("Table 1")]
    assert len(data_paths) == 1, text
    return lines[data_paths[0] : lines.index("", data_paths[0])]


def result(project: Project) -> dict[str, object]:
    """Return the cell of photos in the report."""
    cells = json.loads((project.path / "reports" / "smoke" / "results.json").read_text("utf-8"))["cells"]
    return next(cell for cell in cells if cell["dataset"] == "photos" and cell["mode"] == "org")


def artifact(project: Project, step: str, seed: int = 0) -> Path:
    """Return the directory of the classifier of a seed, or of its predictions."""
    found = [path.parent for path in (project.store / "artifacts").glob("*/*/run.json")]
    label = f"{step}, seed {seed}"
    return next(path for path in found if json.loads((path / "run.json").read_text("utf-8"))["label"] == label)


def test_the_first_run_prints_the_table_and_writes_the_report(finished: Project, photos: Path) -> None:
    printed = (photos.parent / "finished" / "printed.txt").read_text("utf-8")
    assert any(line.split()[0] == "photos" for line in table(printed) if line.strip())
    cell = result(finished)
    assert cell["status"] == "done"
    assert len(cell["accuracies"]) == 2
    summaries = [artifact(finished, "predictions", seed) / "summary.json" for seed in (0, 1)]
    assert cell["accuracies"] == [json.loads(path.read_text("utf-8"))["accuracy"] for path in summaries]
    assert cell["mean"] == pytest.approx(sum(cell["accuracies"]) / 2)
    assert cell["counts"]["real"] == [11, 11, 11], "one in ten is kept for validation"
    assert cell["counts"]["evaluation"] == [6, 6, 6]
    assert cell["training_cost"]["images_seen"] == 8 * 33, "eight epochs of smoke"
    folder = finished.path / "reports" / "smoke"
    assert {"results.json", "table1.md", "table1.csv", "discriminator.md"} <= {path.name for path in folder.iterdir()}


PROGRAM = """
import json, sys, pytest
status = pytest.main(sys.argv[1:])
print(json.dumps({"status": int(status), "modules": sorted({name.partition(".")[0] for name in sys.modules})}))
"""


def test_the_same_again_builds_nothing_and_imports_nothing_heavy(finished: Project, photos: Path) -> None:
    before, report = runs(finished.store), result(finished)
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM, "cases", *CASE, "--data-root", str(photos)],
        capture_output=True,
        text=True,
        cwd=finished.path,
        check=True,
    )
    told = json.loads(found.stdout.splitlines()[-1])
    assert told["status"] == 0
    assert HEAVY & set(told["modules"]) == set()
    assert table(found.stdout) == table((photos.parent / "finished" / "printed.txt").read_text("utf-8"))
    assert runs(finished.store) == before
    assert result(finished) == report


def test_xdist_on_a_finished_store_prints_the_tables_once(finished: Project, photos: Path) -> None:
    before = runs(finished.store)
    found = finished.run(*CASE, "--data-root", photos, "-n", "2")
    assert found.ret == 0
    assert table(found.stdout.str()) == table((photos.parent / "finished" / "printed.txt").read_text("utf-8"))
    assert runs(finished.store) == before


def test_the_benchmark_shows_the_recorded_time_and_the_figures(finished: Project, photos: Path) -> None:
    found = finished.run(*CASE, "--data-root", photos, "--benchmark-json=times.json")
    assert found.ret == 0
    (times,) = json.loads((finished.path / "times.json").read_text("utf-8"))["benchmarks"]
    cell = result(finished)
    assert times["stats"]["mean"] == pytest.approx(sum(cell["seconds"].values()))
    assert times["stats"]["mean"] > 0
    assert times["extra_info"]["mean"] == cell["mean"]


def test_a_mean_outside_its_range_fails_with_both_numbers(finished: Project, photos: Path) -> None:
    row = 'generators = ["cd"]\n[expected.smoke]\norg = [0.0, 0.5]\n'
    (finished.path / "cases" / "photos.toml").write_text(row, encoding="utf-8")
    found = finished.run(*CASE, "--data-root", photos)
    assert found.ret == 1
    mean = result(finished)["mean"]
    found.stdout.fnmatch_lines([f"*photos-org: {mean:.1f} % is outside 0 to 0.5*"])
    found.stdout.fnmatch_lines([f"deviation: photos-org: {mean:.1f} lies outside the expected 0 to 0.5*"])


def test_a_report_that_cannot_be_written_loses_nothing(finished: Project, photos: Path) -> None:
    (finished.path / "file").touch()
    before = runs(finished.store)
    found = finished.run(*CASE, "--data-root", photos, "--reports", "file/reports")
    assert found.ret == USAGE_ERROR
    place = finished.path / "file" / "reports" / "smoke"
    words = f"ERROR: reports {place} cannot be written (Not a directory): choose another --reports"
    found.stdout.fnmatch_lines([words])
    assert "Traceback" not in found.stdout.str() + found.stderr.str()
    assert table(found.stdout.str())
    assert runs(finished.store) == before


def test_what_is_not_on_this_machine_is_skipped_with_the_remedy(finished: Project, photos: Path) -> None:
    found = finished.run("-k", "melanoma-org or photos-org", "--seeds", "2", "--data-root", photos, "-rs")
    assert found.ret == 0
    found.assert_outcomes(passed=1, skipped=1)
    found.stdout.fnmatch_lines(["missing: melanoma: *", "SKIPPED*melanoma*--data-root*"])
    rows = [line.split() for line in found.outlines if line.startswith(("melanoma ", "photos "))]
    assert ["melanoma", "n/a"] in [row[:2] for row in rows]


def test_a_row_of_a_dataset_that_does_not_exist_fails_alone(finished: Project, photos: Path) -> None:
    (finished.path / "cases" / "phantom.toml").write_text('generators = ["cd"]\n', encoding="utf-8")
    found = finished.run("-k", "phantom-org or photos-org", "--seeds", "2", "--data-root", photos)
    assert found.ret == 1
    found.assert_outcomes(passed=1, errors=1)
    found.stdout.fnmatch_lines(["*unknown dataset 'phantom': choose from *"])
    assert "Traceback" not in found.stdout.str()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_is_damaged_is_set_aside_reported_and_built_again(finished: Project, photos: Path, jobs: str) -> None:
    """Also the history of a classifier, which nothing depends on but the result."""
    report, before = result(finished), runs(finished.store)
    damaged = [artifact(finished, "predictions", 1) / "summary.json", artifact(finished, "classifier") / "history.json"]
    kept = [path.read_bytes() for path in damaged]
    for path, content in zip(damaged, kept, strict=True):
        path.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
    found = finished.run(*CASE[:-1], jobs, "--data-root", photos)
    assert found.ret == 0, found.stdout.str()
    assert [path.read_bytes() for path in damaged] == kept
    assert len([line for line in found.outlines if line.startswith("damaged: ") and "set aside as" in line]) == 2
    again = {key for key, run in runs(finished.store).items() if run != before[key]}
    assert again == {path.parent.name for path in damaged}
    of_one_run = {"seconds": None, "memory": None}
    assert {**result(finished), **of_one_run} == {**report, **of_one_run}


@pytest.mark.thorough
def test_force_builds_everything_again_once_to_the_same_bytes(finished: Project, photos: Path) -> None:
    before = runs(finished.store)
    manifests = {key: (Store(finished.store).path(key) / "recipe.json").read_bytes() for key in before}
    time.sleep(1.1)  # the time of a build is noted in whole seconds
    found = finished.run(*CASE, "--data-root", photos, "--force", "-n", "2")
    assert found.ret == 0, found.stdout.str()
    after = runs(finished.store)
    assert set(after) == set(before)
    assert [key for key in after if after[key] == before[key]] == []
    assert manifests == {key: (Store(finished.store).path(key) / "recipe.json").read_bytes() for key in after}


@pytest.fixture
def session() -> Iterator[Runs]:
    """Pytest runs that are started side by side in a session of their own, and ended with the test."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


def begin(project: Project, photos: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "pytest", "cases", *CASE, "--data-root", str(photos), *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command,
        cwd=project.path,
        stdout=pipe,
        stderr=pipe,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background ignores it
    )


@pytest.mark.thorough
def test_two_runs_on_one_empty_store_build_everything_once(project: Project, photos: Path, session: Runs) -> None:
    session += [begin(project, photos, "--reports", name) for name in ("one", "two")]
    printed = [process.communicate(timeout=PATIENCE)[0] for process in session]
    assert [process.returncode for process in session] == [0, 0], printed
    assert table(printed[0]) == table(printed[1])
    reports = [
        json.loads((project.path / name / "smoke" / "results.json").read_text("utf-8")) for name in ("one", "two")
    ]
    assert reports[0] == reports[1], "recorded times are one run's: each artifact was built once"


@pytest.mark.thorough
def test_an_interruption_ends_quietly_and_the_run_goes_on_later(project: Project, photos: Path, session: Runs) -> None:
    session.append(begin(project, photos))
    tmp = project.store / "tmp"
    end = time.monotonic() + PATIENCE
    while not (tmp.is_dir() and any(tmp.iterdir())):
        assert time.monotonic() < end, "nothing was begun"
        time.sleep(0.05)
    os.killpg(session[0].pid, signal.SIGINT)
    printed, errors = session[0].communicate(timeout=PATIENCE)
    assert session[0].returncode == 2
    assert "Traceback" not in errors, errors
    assert "KeyboardInterrupt" in printed
    finished = runs(project.store)
    found = project.run(*CASE, "--data-root", photos)
    assert found.ret == 0
    assert finished.items() <= runs(project.store).items()


@needs_ray
@pytest.mark.thorough
def test_a_cluster_makes_the_same_table_and_the_same_bytes(finished: Project, photos: Path) -> None:
    before, printed = payloads(finished.store), (photos.parent / "finished" / "printed.txt").read_text(encoding="utf-8")
    shutil.rmtree(finished.store / "artifacts")
    shutil.rmtree(finished.path / "reports")
    with ray_cluster() as cluster:
        found = finished.run(*CASE, "--data-root", photos, "--engine", "ray", "--ray-address", cluster.address)
    assert found.ret == 0, found.stdout.str()
    assert table(found.stdout.str()) == table(printed)
    assert payloads(finished.store) == before

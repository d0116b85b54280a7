"""Fault tolerance: the store is read-only, full, removed during a run, or written by a newer suite."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from disks import fill, read_only, small_disk
from plugin_project import CASE, USAGE_ERROR, Project

from suite.artifacts import Store
from suite.artifacts.files import write_json
from suite.artifacts.manifest import MANIFEST, RUN, sealed

pytestmark = pytest.mark.thorough

TIMEOUT = 150.0
THREE_SEEDS = ("-k", "photos-org", "--seeds", "3", "--jobs", "1")


def files(store: Path) -> dict[str, bytes]:
    """Return every file of every artifact."""
    return {path.relative_to(store).as_posix(): path.read_bytes() for path in (store / "artifacts").rglob("*.*")}


def output_without_traceback(result: pytest.RunResult) -> str:
    """Return the output of a run, which must have no traceback."""
    output = result.stdout.str() + result.stderr.str()
    assert "Traceback" not in output
    assert "INTERNALERROR" not in output
    return output


def test_read_only_store_is_used_and_missing_artifacts_fail(finished: Project, photos: Path) -> None:
    before = files(finished.store)
    with read_only(finished.store):
        result = finished.run(*CASE, "--data-root", photos)
        assert result.ret == 0, output_without_traceback(result)
        assert any(line.startswith("photos ") for line in result.outlines)
        extended = finished.run(*THREE_SEEDS, "--data-root", photos)
        assert extended.ret == 1
        reason = f"store {finished.store} cannot be written (Read-only file system): choose another --store"
        assert f"resnet18, seed 2: {reason}" in output_without_traceback(extended)
        forced = finished.run(*CASE, "--data-root", photos, "--force")
        assert forced.ret == USAGE_ERROR
        assert f"ERROR: {reason}" in output_without_traceback(forced)
    assert files(finished.store) == before


def test_full_disk_fails_new_builds_and_keeps_artifacts(finished: Project, photos: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 24 * 2**20) as disk:
        store = disk / "store"
        shutil.copytree(finished.store, store)
        before = files(store)
        fill(disk, leave=2**16)
        result = finished.run(*THREE_SEEDS, "--data-root", photos, "--store", store)
        assert result.ret == 1
        assert (
            f"store {store}: its disk is full: free some space (suite store prune) and start again"
            in output_without_traceback(result)
        )
        assert before.items() <= files(store).items()


def test_removed_store_is_one_error_line_and_the_next_run_continues(project: Project, photos: Path) -> None:
    command = [sys.executable, "-m", "pytest", "cases", *CASE, "--data-root", str(photos)]
    pipe = subprocess.PIPE
    run = subprocess.Popen(command, cwd=project.path, stdout=pipe, stderr=subprocess.STDOUT, text=True)
    moved, deadline = project.path / "moved", time.monotonic() + TIMEOUT
    while not (project.store / "artifacts").is_dir() or len(list(Store(project.store).keys())) < 2:
        assert time.monotonic() < deadline, "nothing was built"
        time.sleep(0.02)
    project.store.rename(moved)
    output = run.communicate(timeout=TIMEOUT)[0]
    assert run.returncode == 1, output
    assert "Traceback" not in output
    assert (
        f"store {project.store}: it no longer exists: bring it back and start again; finished artifacts are kept"
        in output
    )
    assert not (project.store / "artifacts").exists()
    before = files(moved)
    shutil.rmtree(project.store, ignore_errors=True)  # the interrupted run has cached contents there again
    moved.rename(project.store)
    assert project.run(*CASE, "--data-root", photos).ret == 0
    assert before.items() <= files(project.store).items()


def test_artifact_of_a_newer_suite_fails_its_cell_and_is_kept(finished: Project, photos: Path) -> None:
    store = Store(finished.store)
    manifests = [json.loads(path.read_text("utf-8")) for path in (store.root / "artifacts").rglob(MANIFEST)]
    (key,) = (manifest["key"] for manifest in manifests if manifest["step"] == "summary")
    content = sealed({"format": 3, "key": key})
    write_json(store.path(key) / MANIFEST, content)
    before = files(finished.store)
    result = finished.run(*CASE, "--data-root", photos)
    assert result.ret == 1
    assert (
        f"{store.path(key)} was written by a newer suite (format 3, this one reads up to 2): update the suite"
        in output_without_traceback(result)
    )
    after = files(finished.store)
    assert {name: data for name, data in after.items() if name in before} == before
    assert list((finished.store / "damaged").iterdir()) == []


def test_truncated_run_records_are_ignored(finished: Project, photos: Path) -> None:
    for path in (finished.store / "artifacts").rglob(RUN):
        path.write_bytes(path.read_bytes()[:40])
    result = finished.run(*CASE, "--data-root", photos)
    assert result.ret == 0, output_without_traceback(result)

"""Runs on a store that cannot be written, is full, goes away, or was written by a newer suite."""

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

PATIENCE = 150.0
ONE_MORE_SEED = ("-k", "photos-org", "--seeds", "3", "--jobs", "1")


def files(store: Path) -> dict[str, bytes]:
    """Return every file of every artifact."""
    return {path.relative_to(store).as_posix(): path.read_bytes() for path in (store / "artifacts").rglob("*.*")}


def quiet(found: pytest.RunResult) -> str:
    """Return what was printed, in which there is no traceback."""
    printed = found.stdout.str() + found.stderr.str()
    assert "Traceback" not in printed
    assert "INTERNALERROR" not in printed
    return printed


def test_a_store_that_can_only_be_read_shows_what_is_in_it(finished: Project, photos: Path) -> None:
    before = files(finished.store)
    with read_only(finished.store):
        found = finished.run(*CASE, "--data-root", photos)
        assert found.ret == 0, quiet(found)
        assert any(line.startswith("photos ") for line in found.outlines)
        more = finished.run(*ONE_MORE_SEED, "--data-root", photos)
        assert more.ret == 1
        reason = f"store {finished.store} cannot be written (Read-only file system): choose another --store"
        assert f"classifier, seed 2: {reason}" in quiet(more)
        forced = finished.run(*CASE, "--data-root", photos, "--force")
        assert forced.ret == USAGE_ERROR
        assert f"ERROR: {reason}" in quiet(forced)
    assert files(finished.store) == before


def test_a_full_disk_fails_what_does_not_fit_and_keeps_the_rest(
    finished: Project, photos: Path, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", 24 * 2**20) as disk:
        store = disk / "store"
        shutil.copytree(finished.store, store)
        before = files(store)
        fill(disk, leave=2**16)
        found = finished.run(*ONE_MORE_SEED, "--data-root", photos, "--store", store)
        assert found.ret == 1
        assert f"store {store}: its disk is full: free some space (suite store prune) and start again" in quiet(found)
        assert before.items() <= files(store).items()


def test_a_store_that_goes_away_is_one_line_and_the_next_run_goes_on(project: Project, photos: Path) -> None:
    command = [sys.executable, "-m", "pytest", "cases", *CASE, "--data-root", str(photos)]
    pipe = subprocess.PIPE
    run = subprocess.Popen(command, cwd=project.path, stdout=pipe, stderr=subprocess.STDOUT, text=True)
    away, end = project.path / "away", time.monotonic() + PATIENCE
    while not (project.store / "artifacts").is_dir() or len(list(Store(project.store).keys())) < 2:
        assert time.monotonic() < end, "nothing was built"
        time.sleep(0.02)
    project.store.rename(away)
    printed = run.communicate(timeout=PATIENCE)[0]
    assert run.returncode == 1, printed
    assert "Traceback" not in printed
    assert f"store {project.store}: it is gone: bring it back and start again; what is finished stays" in printed
    assert not (project.store / "artifacts").exists()
    before = files(away)
    shutil.rmtree(project.store, ignore_errors=True)  # contents that were read again
    away.rename(project.store)
    assert project.run(*CASE, "--data-root", photos).ret == 0
    assert before.items() <= files(project.store).items()


def test_what_a_newer_suite_wrote_fails_its_cell_and_is_left_alone(finished: Project, photos: Path) -> None:
    store = Store(finished.store)
    key = next(key for key in store.keys() if store.path(key).joinpath("summary.json").is_file())  # noqa: SIM118
    content = sealed({"format": 2, "key": key})
    write_json(store.path(key) / MANIFEST, content)
    before = files(finished.store)
    found = finished.run(*CASE, "--data-root", photos)
    assert found.ret == 1
    assert f"{store.path(key)} was written by a newer suite (format 2, this one reads 1): update the suite" in quiet(
        found
    )
    after = files(finished.store)
    assert {name: data for name, data in after.items() if name in before} == before
    assert list((finished.store / "damaged").iterdir()) == []


def test_the_facts_of_a_run_may_be_lost(finished: Project, photos: Path) -> None:
    for path in (finished.store / "artifacts").rglob(RUN):
        path.write_bytes(path.read_bytes()[:40])
    found = finished.run(*CASE, "--data-root", photos)
    assert found.ret == 0, quiet(found)

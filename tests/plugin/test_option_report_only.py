"""--report-only: the report again from its bundle, and nothing else."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from plugin_project import Project

HEAVY = {"torch", "torchvision", "numpy", "scipy", "sklearn", "matplotlib", "diffusers", "timm", "PIL"}
PROGRAM = """
import json, sys, pytest
status = pytest.main(sys.argv[1:])
print(json.dumps({"status": int(status), "modules": sorted({name.partition(".")[0] for name in sys.modules})}))
"""


def test_never_unless_it_is_said(project: Project) -> None:
    assert project.settings().report_only is False
    assert project.settings("--report-only").report_only is True


def test_tables_and_page_come_from_the_bundle_alone(project: Project, report: Callable[..., Path]) -> None:
    folder = report("reports", profile="cpu", mean=87.5)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for name in before.keys() - {"bundle.zip"}:
        (folder / name).unlink()
    shutil.rmtree(project.store)
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM, "cases/", "--profile", "cpu", "--report-only"],
        capture_output=True,
        text=True,
        cwd=project.path,
        check=True,
    )
    told = json.loads(found.stdout.splitlines()[-1])
    assert told["status"] == 0
    assert HEAVY & set(told["modules"]) == set()
    assert f"report again from {folder / 'bundle.zip'}, nothing is run" in found.stdout.splitlines()
    assert ["birds", "*87.5*"] in [line.split() for line in found.stdout.splitlines()]
    assert " passed" not in found.stdout
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert not project.store.exists()


def test_a_bundle_from_elsewhere_is_found_where_reports_says(project: Project, report: Callable[..., Path]) -> None:
    folder = report("sent", profile="paper", mean=91.0)
    found = project.run("--reports", "sent", "--profile", "paper", "--report-only", "-n", "2")
    assert found.ret == 0
    assert ["birds", "*91.0*"] in [line.split() for line in found.outlines]
    found.stdout.fnmatch_lines([f"report: {folder / 'index.html'}"])


def test_a_bundle_that_is_not_there_is_one_line(project: Project) -> None:
    place = project.path / "reports" / "smoke" / "bundle.zip"
    words = f"{place} does not exist: put the bundle of a report there, or choose --profile or --reports"
    assert project.refusal("--report-only") == words


def test_a_bundle_of_another_profile_is_one_line(project: Project, report: Callable[..., Path]) -> None:
    folder = report("reports", profile="cpu", mean=87.5)
    there = folder.rename(folder.with_name("smoke"))
    words = f"{there / 'bundle.zip'} is a bundle of profile cpu: move it to {folder}"
    assert project.refusal("--report-only") == words

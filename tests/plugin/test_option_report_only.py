"""--report-only: make the report from its bundle and run nothing."""

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


def test_default_is_a_run(project: Project) -> None:
    assert project.options().report_only is False
    assert project.options("--report-only").report_only is True


def test_tables_and_page_are_made_from_the_bundle_alone(project: Project, report: Callable[..., Path]) -> None:
    folder = report("reports", profile="cpu", mean=87.5)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for name in before.keys() - {"bundle.zip"}:
        (folder / name).unlink()
    shutil.rmtree(project.store)
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, "cases/", "--profile", "cpu", "--report-only"],
        capture_output=True,
        text=True,
        cwd=project.path,
        check=True,
    )
    output = json.loads(result.stdout.splitlines()[-1])
    assert output["status"] == 0
    assert HEAVY & set(output["modules"]) == set()
    assert f"report from {folder / 'bundle.zip'}, nothing is run" in result.stdout.splitlines()
    assert ["birds", "*87.5*"] in [line.split() for line in result.stdout.splitlines()]
    assert " passed" not in result.stdout
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert not project.store.exists()


def test_bundle_is_read_from_the_reports_directory(project: Project, report: Callable[..., Path]) -> None:
    folder = report("sent", profile="paper", mean=91.0)
    result = project.run("--reports", "sent", "--profile", "paper", "--report-only", "-n", "2")
    assert result.ret == 0
    assert ["birds", "*91.0*"] in [line.split() for line in result.outlines]
    result.stdout.fnmatch_lines([f"report: {folder / 'index.html'}"])


def test_missing_bundle_is_one_error_line(project: Project) -> None:
    path = project.path / "reports" / "smoke" / "bundle.zip"
    message = f"{path} does not exist: put the bundle of a report there, or choose --profile or --reports"
    assert project.usage_error("--report-only") == message


def test_bundle_of_another_profile_is_one_error_line(project: Project, report: Callable[..., Path]) -> None:
    folder = report("reports", profile="cpu", mean=87.5)
    moved = folder.rename(folder.with_name("smoke"))
    message = f"{moved / 'bundle.zip'} is a bundle of profile cpu: move it to {folder}"
    assert project.usage_error("--report-only") == message

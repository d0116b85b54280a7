"""Files about the project: the GitHub workflow, issue forms, and one version in all places."""

import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
import yaml

from suite import __version__

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
PINNED = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}")


def load(path: Path) -> dict[str, object]:
    """Return a YAML file; the base loader keeps the key ``on`` and all values as text."""
    return yaml.load(path.read_text("utf-8"), yaml.BaseLoader)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_has_pinned_actions_least_permissions_and_a_timeout(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job.keys() <= {"runs-on", "timeout-minutes", "steps"}
        assert 0 < int(job["timeout-minutes"]) <= 360
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step)
            assert "uses" not in step or PINNED.fullmatch(step["uses"]), step
    versions = re.findall(r"uses: \S+ # (v[\d.]+)$", path.read_text("utf-8"), re.M)
    assert len(versions) == path.read_text("utf-8").count("uses: ")


def test_ci_runs_the_script_on_push_and_pull_request_with_the_oldest_python() -> None:
    workflow = load(ROOT / ".github" / "workflows" / "ci.yml")
    assert set(workflow["on"]) == {"push", "pull_request"}
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert [step["run"] for step in steps if "run" in step] == [".ci/run"]
    assert (ROOT / ".ci" / "run").stat().st_mode & stat.S_IXUSR
    (python,) = (step["with"] for step in steps if "setup-python" in step.get("uses", ""))
    assert f'requires-python = ">={python["python-version"]}"' in (ROOT / "pyproject.toml").read_text("utf-8")
    assert python["cache"] == "pip"
    for name in python["cache-dependency-path"].split():
        assert (ROOT / name).is_file()


@pytest.mark.skipif(not shutil.which("actionlint"), reason="actionlint is not installed")
def test_actionlint_finds_nothing() -> None:
    process = subprocess.run(["actionlint", *WORKFLOWS], cwd=ROOT, capture_output=True, text=True)
    assert process.returncode == 0, process.stdout


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_issue_form_is_complete(path: Path) -> None:
    form = load(path)
    assert form["name"]
    assert form["description"]
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    assert {field["type"] for field in fields} <= {"input", "textarea", "dropdown"}
    names = [field["id"] for field in fields]
    assert len(set(names)) == len(names)
    assert all(field["attributes"]["label"] for field in fields)
    assert any(field.get("validations", {}).get("required") == "true" for field in fields)


def test_issue_forms_cover_bugs_verdicts_and_extensions() -> None:
    assert {path.stem for path in FORMS} == {"bug_report", "new_dataset_or_generator", "wrong_verdict"}


def test_changelog_and_citation_have_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    version, date = re.findall(r"^## (\S+) \((\d{4}-\d\d-\d\d)\)$", changelog, re.M)[0]
    assert version == __version__
    citation = load(ROOT / "CITATION.cff")
    assert (citation["version"], citation["date-released"]) == (version, date)


def test_security_page_names_files_that_exist() -> None:
    names = re.findall(r"`(tests/[\w/.]+)`", (ROOT / "SECURITY.md").read_text("utf-8"))
    assert names
    assert [name for name in names if not (ROOT / name).is_file()] == []

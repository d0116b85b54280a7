"""The README is short, and every command and code block in it is executed here or is a set-up command."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from plugin_project import ROOT, Project, write_dataset

import suite

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(bash|python)\n(.*?)^```", README, re.M | re.S)
SETUP = (
    "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/pytest cases/\n",
    "python3 -m venv .venv && .venv/bin/pip install tox && .venv/bin/tox\n",
)
JUDGE, BENCHMARK, PYTHON = "suite judge ", "pytest cases/ ", "import suite\n"
FUNCTIONS = "".join(f'{name}() {{ "{sys.executable}" -m {name} "$@"; }}\n' for name in ("suite", "pytest"))
with_api = pytest.mark.skipif("evaluate" not in dir(suite), reason="suite judge and suite.evaluate do not exist yet")


def block(start: str) -> str:
    """Return the only block that begins with ``start``."""
    (text,) = (text for _, text in BLOCKS if text.startswith(start))
    return text


@pytest.fixture
def user_images(tmp_path: Path) -> Path:
    """A directory with the real and synthetic images that the README names."""
    write_dataset(tmp_path / "path" / "to", "real")
    shutil.copytree(tmp_path / "path" / "to" / "real" / "train", tmp_path / "path" / "to" / "synthetic")
    return tmp_path


def run_in(folder: Path, *command: str) -> str:
    """Run a command in a folder and return its output."""
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def test_readme_is_short() -> None:
    assert len(README.splitlines()) <= 120


def test_every_block_is_a_setup_command_or_executed_by_a_test() -> None:
    executed = [block(start) for start in (JUDGE, BENCHMARK, PYTHON)]
    assert sorted(text for _, text in BLOCKS) == sorted([*SETUP, *executed])


def test_test_command_is_the_only_text_between_its_markers() -> None:
    """``.ci/run`` executes it."""
    _, _, rest = README.partition("<!-- test command -->\n")
    assert rest.partition("<!-- /test command -->")[0] == f"```bash\n{SETUP[1]}```\n"


@pytest.mark.thorough
@with_api
def test_judge_command(user_images: Path) -> None:
    output = run_in(user_images, "bash", "-c", FUNCTIONS + block(JUDGE))
    assert "real: " in output
    assert [user_images / path for path in re.findall(r"\S+index\.html", output) if (user_images / path).is_file()]


@pytest.mark.thorough
@with_api
def test_python_code(user_images: Path) -> None:
    script = user_images / "script.py"
    script.write_text(f"{block(PYTHON)}\nassert results.table\nprint(results.page)\n", "utf-8")
    *answer, page = run_in(user_images, sys.executable, script.name).strip().splitlines()
    assert any(answer)
    assert (user_images / page).is_file()


@pytest.mark.thorough
def test_benchmark_command(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """All cells of digits, with few images and steps."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "--limit-steps 2 --seeds 1 --per-class 20")
    output = run_in(project.path, "bash", "-c", FUNCTIONS + block(BENCHMARK))
    assert "digits: " in output
    assert (project.path / "reports" / "smoke" / "index.html").is_file()

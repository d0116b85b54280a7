"""The documentation: shown commands are valid, and shown code is included from tested files."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from plugin_project import ROOT, Project, write_dataset

from suite.__main__ import command_parser
from suite.commands.run import split
from suite.datasets.digits import DigitsSource

PAGES = [ROOT / "README.md", ROOT / "reports" / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.M | re.S)
INCLUDED = re.compile(r'--8<-- "(docs/examples/\w+\.py)"')
NOT_SHOWN = {"docs/examples/conftest.py", "docs/examples/test_evaluate.py"}
INSTALLERS = ("pip", "python3", "tox")

# Collects the tests of each command line on stdin. Each runs in a fork of this process, which has imported everything.
PROGRAM = """
import os, shlex, sys
import pytest

exit_codes = os.fdopen(os.dup(1), "w")

def collect(arguments, file):
    os.dup2(os.open(file, os.O_CREAT | os.O_WRONLY), 1)
    os.dup2(1, 2)
    return pytest.main([*arguments, "--collect-only", "-q"])

collect(["cases"], os.devnull)
for number, line in enumerate(sys.stdin):
    child = os.fork()
    if not child:
        code = collect(shlex.split(line), f"output{number}.txt")
        sys.stdout.flush()
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=exit_codes, flush=True)
"""


def blocks(language: str) -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        for block_language, text in BLOCK.findall(page.read_text("utf-8")):
            if block_language == language:
                yield page, text


def commands() -> Iterator[list[str]]:
    """Yield the words of every command that a page shows."""
    for _, text in blocks("bash"):
        for line in text.replace("\\\n", " ").splitlines():
            for part in line.split(" && "):
                if words := shlex.split(part, comments=True):
                    yield [words[0].rpartition("/")[2], *words[1:]]


def test_every_command_is_of_a_known_program() -> None:
    programs = {words[0] for words in commands()}
    assert {"pytest", "python", "suite"} <= programs <= {"pytest", "python", "suite", *INSTALLERS}


@pytest.fixture
def documented_files(project: Project, report: Callable[..., Path]) -> Path:
    """A project with all files and folders that the documented commands name."""
    write_dataset(project.path / "DIR", "birds")
    path = project.path / "path" / "to"
    write_dataset(path, "dataset")
    shutil.copytree(path / "dataset" / "train", path / "generated")
    for name in DigitsSource.classes:
        shutil.copytree(path / "generated" / "red", path / "images" / name)
    report("path/to/reports", mean=50.0)
    return project.path


@pytest.mark.slow
def test_every_pytest_command_selects_tests(documented_files: Path) -> None:
    lines = sorted({shlex.join(words[1:]) for words in commands() if words[0] == "pytest"})
    assert len(lines) > 20
    local_lines = "\n".join(lines).replace("/shared", str(documented_files)).replace("--device cuda", "--device cpu")
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=local_lines, capture_output=True, text=True, cwd=documented_files
    )
    codes = process.stdout.split()
    assert len(codes) == len(lines), process.stderr
    failed = {
        line: (documented_files / f"output{number}.txt").read_text("utf-8")
        for number, (line, code) in enumerate(zip(lines, codes, strict=True))
        if code != "0"
    }
    assert failed == {}


def test_every_python_command_has_known_options() -> None:
    for words in commands():
        if words[0] == "python":
            process = subprocess.run([sys.executable, *words[1:2], "--help"], cwd=ROOT, capture_output=True, text=True)
            assert process.returncode == 0, process.stderr
            assert {word for word in words if word.startswith("--")} <= set(re.findall(r"--[a-z-]+", process.stdout))


def test_every_suite_command_can_be_parsed() -> None:
    for words in commands():
        if words[0] == "suite":
            options, _ = split(words[1:])
            command_parser().parse_args(options)


def test_all_examples_are_included_and_tested() -> None:
    shown = {name for _, text in blocks("python") for name in INCLUDED.findall(text)}
    examples = {f"docs/examples/{path.name}" for path in (ROOT / "docs" / "examples").glob("*.py")}
    assert shown == examples - NOT_SHOWN
    for name in shown:
        path = ROOT / name
        assert path.name.startswith("test_") or path.with_name(f"test_{path.name}").is_file()


def test_only_code_that_is_not_included_is_the_contract_sketch() -> None:
    sketches = [
        text for page, text in blocks("python") if page.parent.name == "docs" and not INCLUDED.search(text)
    ]  # test_readme.py executes the code of the README
    assert len(sketches) == 1
    namespace = {"Mine": object}
    exec(sketches[0], namespace)
    assert namespace["TestMine"].plugin is object

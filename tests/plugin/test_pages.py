"""What the pages show is what there is: commands select tests, and code is included from files that are tested."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from plugin_project import ROOT, Project, paint

from suite.commands.store import _parser as store
from suite.datasets.__main__ import _parser as datasets
from suite.datasets.digits import DigitsSource

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.M | re.S)
INCLUDED = re.compile(r'--8<-- "(docs/examples/\w+\.py)"')
INSTALLERS = ("pip", "python3", "tox")

# Collects the tests of each command line on stdin, in a process of its own: a fork of one that has collected before.
PROGRAM = """
import os, shlex, sys
import pytest

answers = os.fdopen(os.dup(1), "w")

def collect(arguments, file):
    os.dup2(os.open(file, os.O_CREAT | os.O_WRONLY), 1)
    os.dup2(1, 2)
    return pytest.main([*arguments, "--collect-only", "-q"])

collect(["cases"], os.devnull)
for number, line in enumerate(sys.stdin):
    child = os.fork()
    if not child:
        code = collect(shlex.split(line), f"said{number}.txt")
        sys.stdout.flush()
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=answers, flush=True)
"""


def blocks(language: str) -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        for found, text in BLOCK.findall(page.read_text("utf-8")):
            if found == language:
                yield page, text


def commands() -> Iterator[list[str]]:
    """Yield the words of every command that a page shows."""
    for _, text in blocks("bash"):
        for line in text.replace("\\\n", " ").splitlines():
            for part in line.split(" && "):
                if words := shlex.split(part, comments=True):
                    yield [words[0].rpartition("/")[2], *words[1:]]


def test_every_command_is_of_a_known_kind() -> None:
    programs = {words[0] for words in commands()}
    assert {"pytest", "python", "suite"} <= programs <= {"pytest", "python", "suite", *INSTALLERS}


@pytest.fixture
def data_paths(project: Project, report: Callable[..., Path]) -> Path:
    """A directory in which there is everything that the pages speak of."""
    paint(project.path / "DIR", "birds")
    path = project.path / "path" / "to"
    paint(path, "dataset")
    shutil.copytree(path / "dataset" / "train", path / "generated")
    for name in DigitsSource.classes:
        shutil.copytree(path / "generated" / "red", path / "made" / name)
    report("path/to/reports", mean=50.0)
    return project.path


@pytest.mark.slow
def test_every_pytest_command_selects_something(data_paths: Path) -> None:
    lines = sorted({shlex.join(words[1:]) for words in commands() if words[0] == "pytest"})
    assert len(lines) > 20
    here = "\n".join(lines).replace("/shared", str(data_paths)).replace("--device cuda", "--device cpu")
    done = subprocess.run([sys.executable, "-c", PROGRAM], input=here, capture_output=True, text=True, cwd=data_paths)
    codes = done.stdout.split()
    assert len(codes) == len(lines), done.stderr
    refused = {
        line: (data_paths / f"said{number}.txt").read_text("utf-8")
        for number, (line, code) in enumerate(zip(lines, codes, strict=True))
        if code != "0"
    }
    assert refused == {}


def test_every_python_command_is_understood() -> None:
    for words in commands():
        if words[0] == "python":
            if words[1] == "-m":
                assert words[2] == "suite.datasets"
                datasets().parse_args(words[3:])
            else:
                told = subprocess.run([sys.executable, *words[1:2], "--help"], cwd=ROOT, capture_output=True, text=True)
                assert told.returncode == 0, told.stderr
                assert {word for word in words if word.startswith("--")} <= set(re.findall(r"--[a-z-]+", told.stdout))


def test_every_suite_command_is_understood() -> None:
    for words in commands():
        if words[0] == "suite":
            assert words[1] == "store"
            store().parse_args(words[2:])


def test_code_is_included_from_examples_that_are_tested() -> None:
    shown = {name for _, text in blocks("python") for name in INCLUDED.findall(text)}
    there = {f"docs/examples/{path.name}" for path in (ROOT / "docs" / "examples").glob("*.py")}
    assert shown == there - {"docs/examples/conftest.py"}
    for name in shown:
        path = ROOT / name
        assert path.name.startswith("test_") or path.with_name(f"test_{path.name}").is_file()


def test_the_sketch_of_a_contract_is_what_the_examples_do() -> None:
    sketches = [text for _, text in blocks("python") if not INCLUDED.search(text)]
    assert len(sketches) == 1
    namespace = {"Mine": object}
    exec(sketches[0], namespace)
    assert namespace["TestMine"].plugin is object

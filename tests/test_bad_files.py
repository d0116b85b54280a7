"""Bad datasets, archives, manifests, results, rows, settings and plugins: each gives one clear line and an error."""

from collections.abc import Callable
from pathlib import Path

import pytest
from bad_datasets import ARCHIVES, DATASETS
from bad_files import MANIFESTS, BadInput, InputFolder, readers

from suite.__main__ import main
from suite.errors import SuiteError

FUNCTION_INPUTS = list(readers())


@pytest.fixture
def inputs(tmp_path: Path) -> InputFolder:
    """A folder with valid inputs, which each test damages."""
    return InputFolder(tmp_path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, list[str]]:
    """Run a command of the suite, and return its exit code and the lines about problems."""
    capsys.readouterr()
    code = main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    lines = [line for line in printed.out.splitlines() if line.startswith(("not valid", "warning", "DAMAGED"))]
    return code, lines + printed.err.splitlines()


def check_dataset(inputs: InputFolder, capsys: pytest.CaptureFixture[str], name: str) -> tuple[int, list[str]]:
    """Run ``suite datasets check`` on a dataset of the folder; see ``run``."""
    return run(capsys, "datasets", "check", name, "--data-root", inputs.root, "--cache", inputs.folder / "cache")


@pytest.mark.parametrize(
    ("name", "bad"),
    [*(("photos", bad) for bad in DATASETS), *(("bad", bad) for bad in ARCHIVES)],
    ids=lambda value: value.name if isinstance(value, BadInput) else value,
)
def test_bad_datasets(inputs: InputFolder, capsys: pytest.CaptureFixture[str], name: str, bad: BadInput) -> None:
    bad.make(inputs)
    code, lines = check_dataset(inputs, capsys, name)
    assert code in (1, 2)
    assert len(lines) == 1, lines
    assert bad.message in lines[0]
    assert str(inputs.root) in lines[0], "the message names the place"


@pytest.mark.parametrize("bad", MANIFESTS, ids=lambda bad: bad.name)
def test_bad_manifests(inputs: InputFolder, capsys: pytest.CaptureFixture[str], bad: BadInput) -> None:
    bad.make(inputs)
    code, lines = run(capsys, "store", "verify", "--store", inputs.store.root)
    assert code == 1
    assert len(lines) == 1, lines
    assert bad.message in lines[0]
    assert str(inputs.artifact) in lines[0], "the message names the place"


@pytest.mark.parametrize(
    ("bad", "read"),
    [(bad, read) for _, bad, read in FUNCTION_INPUTS],
    ids=[f"{group}: {bad.name}" for group, bad, _ in FUNCTION_INPUTS],
)
def test_bad_inputs_of_functions(inputs: InputFolder, bad: BadInput, read: Callable[[InputFolder], object]) -> None:
    with pytest.raises(SuiteError) as caught:
        read(inputs)
    line = str(caught.value)
    assert bad.message in line
    assert "\n" not in line
    assert line.isprintable()


def test_valid_inputs_pass(inputs: InputFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "store", "verify", "--store", inputs.store.root) == (0, [])
    assert check_dataset(inputs, capsys, "photos") == (0, [])


def test_there_are_at_least_60_bad_inputs() -> None:
    assert len(DATASETS) + len(ARCHIVES) + len(MANIFESTS) + len(FUNCTION_INPUTS) >= 60

"""The one command line: its help, its exit codes, and how light it is."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.__main__ import COMMANDS, command_parser, main
from suite.commands import run
from suite.commands.run import pytest_command, split
from suite.errors import UsageError
from suite.planning import case_files
from suite.planning.case_files import cases_folder

ROOT = Path(__file__).parents[2]
NAMES = [command.__name__.rpartition(".")[2] for command in COMMANDS]


@pytest.mark.parametrize("words", [[], *([name] for name in NAMES)], ids=lambda words: "-".join(words) or "suite")
def test_every_help_has_examples(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([*words, "--help"])
    assert end.value.code == 0
    printed = capsys.readouterr().out
    examples = printed.partition("examples:\n")[2].partition("\n\n")[0].splitlines()
    assert len(examples) >= 2
    assert all(line.startswith("  suite ") for line in examples)
    assert words or all(f"\n    {name}" in printed for name in NAMES)


def test_every_example_can_be_parsed() -> None:
    import shlex

    from suite.__main__ import EPILOG

    texts = [EPILOG, *(module.EXAMPLES for module in COMMANDS)]
    examples = [line.strip() for text in texts for line in text.splitlines() if line.startswith("  suite ")]
    commands = [shlex.split(line.split("   ")[0])[1:] for line in examples]
    assert len(commands) > 15
    for words in commands:
        if words[0] != "COMMAND":
            command_parser().parse_args(split(words)[0])


@pytest.mark.parametrize("words", [[], ["nonsense"], ["judge"], ["judge", "real"], ["store"], ["export", "some"]])
def test_an_invalid_command_line_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("usage: suite ")


def raising(error: BaseException) -> Callable[..., int]:
    def raise_error(_: object) -> int:
        raise error

    return raise_error


def test_exit_codes_of_errors_and_interrupts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("suite.commands.datasets.datasets", raising(UsageError("no such thing")))
    assert main(["datasets", "list"]) == 2
    assert capsys.readouterr().err == "error: no such thing\n"
    monkeypatch.setattr("suite.commands.datasets.datasets", raising(KeyboardInterrupt()))
    assert main(["datasets", "list"]) == 130


def test_datasets_lists_the_datasets(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasets", "list"]) == 0
    assert "digits" in capsys.readouterr().out


def test_help_and_the_package_import_no_heavy_library() -> None:
    code = (
        "import sys, suite; light = len(sys.modules);"
        "assert 'suite.api' not in sys.modules and 'pydantic' not in sys.modules;"
        "from suite.__main__ import command_parser; command_parser().format_help();"
        "heavy = {'numpy', 'torch', 'scipy', 'matplotlib', 'PIL', 'pytest', 'tqdm'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# suite run.


def test_in_a_checkout_run_is_pytest_on_its_cases(tmp_path: Path) -> None:
    assert cases_folder(tmp_path) == ROOT / "cases"
    command, environment = pytest_command(["-k", "digits and org"], tmp_path)
    assert command == [sys.executable, "-m", "pytest", str(ROOT / "cases"), "-k", "digits and org"]
    assert environment == {}


def test_a_named_test_replaces_the_directory_of_cases(tmp_path: Path) -> None:
    command, _ = pytest_command(["cases/test_table1.py::test_case[digits-org]", "-q"], tmp_path)
    assert command[3:] == [f"{ROOT / 'cases'}/test_table1.py::test_case[digits-org]", "-q"]


def test_a_project_with_cases_of_its_own_runs_them(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    assert cases_folder(tmp_path) == ROOT / "cases", "a directory of this name may be anything"
    (tmp_path / "cases" / "test_table1.py").touch()
    assert pytest_command([], tmp_path)[0][3:] == [str(tmp_path / "cases")]


def test_installed_cases_run_without_ini_file_and_write_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = tmp_path / "site-packages" / "suite" / "_cases"
    packaged.mkdir(parents=True)
    for module in (case_files, run):
        monkeypatch.setattr(module, "PACKAGED_CASES", packaged)
    command, environment = pytest_command(["-q"], tmp_path)
    assert command[-2:] == [str(packaged), "-q"]
    assert {f"--rootdir={tmp_path}", "suite.plugin", "no:cacheprovider", "--import-mode=importlib"} <= set(command)
    assert command[command.index("-c") + 1] == os.devnull
    assert environment == {"PYTHONDONTWRITEBYTECODE": "1"}


def test_words_after_run_are_those_of_pytest() -> None:
    assert split(["run", "-k", "a or b", "--profile", "cpu"]) == (["run"], ["-k", "a or b", "--profile", "cpu"])
    assert split(["run", "--", "--help"]) == (["run"], ["--help"])
    assert split(["run", "--help"]) == (["run", "--help"], [])
    assert split(["judge", "run", "-x"]) == (["judge", "run", "-x"], [])


@pytest.mark.slow
def test_run_passes_arguments_on_and_translates_exit_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    common = ["run", "-p", "no:cacheprovider", "--collect-only", "-q"]
    assert main([*common, "-k", "digits and org"]) == 0
    assert "test_table1.py::test_case[digits-org]" in capfd.readouterr().out
    assert main([*common, "-k", "nothing-has-this-name"]) == 2
    assert main([*common, "--profile", "huge"]) == 2
    assert "--profile huge: choose from" in capfd.readouterr().err

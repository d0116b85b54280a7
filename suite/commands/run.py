"""``suite run``: the benchmark, as ``pytest cases/`` in a checkout."""

import os
import subprocess
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from pathlib import Path

from suite.commands.output import INTERRUPTED, OK, PROBLEMS, USAGE_ERROR
from suite.planning.case_files import CASES, PACKAGED_CASES, cases_folder

NAME = "run"
HELP = "run cases of the benchmark; the arguments are those of pytest"
EXAMPLES = """examples:
  suite run -k "digits and org"
  suite run --profile cpu -k "cifar10 and cd" --data-root DIR
  suite run "cases/test_table1.py::test_case[digits-cd-mix]"
  suite run -- --help                                             the options of pytest and of the benchmark

In a checkout this is pytest cases/. Elsewhere the cases of the installed package are run, without an ini file;
artifacts go to .store, reports to reports, both in the current directory. Exit codes: suite --help.
"""
EXIT_CODES = {0: OK, 1: PROBLEMS}  # of pytest; all others mean that nothing could be run


def add_parser(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        NAME,
        help=HELP,
        description=HELP,
        usage="suite run [PYTEST ARGUMENT ...]",
        epilog=EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)


def split(words: list[str]) -> tuple[list[str], list[str]]:
    """Return the words for this command line, and those for pytest, which argparse cannot tell apart."""
    if words[:1] != [NAME] or words[1:2] in (["-h"], ["--help"]):
        return words, []
    return words[:1], words[2:] if words[1:2] == ["--"] else words[1:]


def run(options: Namespace) -> int:
    """Run pytest in another process, and return the exit code."""
    command, environment = pytest_command(options.for_pytest, Path.cwd())
    process = subprocess.Popen(command, env={**os.environ, **environment})
    interrupted = False
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:  # pytest has received it too, and ends by itself
            interrupted = True
        else:
            return INTERRUPTED if interrupted else EXIT_CODES.get(code, USAGE_ERROR)


def pytest_command(arguments: list[str], directory: Path) -> tuple[list[str], dict[str, str]]:
    """Return the command that runs cases in a directory, and the environment variables to add.

    Args:
        arguments: Arguments of pytest. ``cases/...`` is the directory of the cases; it is added where no test is named.
        directory: The current directory.
    """
    folder = cases_folder(directory)
    words = [_in_folder(word, folder) for word in arguments]
    if words == arguments:
        words.insert(0, str(folder))
    pytest = [sys.executable, "-m", "pytest"]
    if folder != PACKAGED_CASES:
        return [*pytest, *words], {}
    flags = [f"--rootdir={directory}", f"--confcutdir={folder}", "-c", os.devnull, "--import-mode=importlib"]
    flags.append(f"--benchmark-storage=file://{os.devnull}")  # otherwise pytest-benchmark makes .benchmarks here
    for plugin in ("suite.plugin", "no:cacheprovider", "no:hypothesispytest"):
        flags += ["-p", plugin]
    return [*pytest, *flags, *words], {"PYTHONDONTWRITEBYTECODE": "1"}  # nothing is written into the package


def _in_folder(word: str, folder: Path) -> str:
    """Return ``cases`` or ``cases/...`` as a path in the directory of the cases, any other argument unchanged."""
    first, slash, rest = word.partition("/")
    return f"{folder}{slash}{rest}" if first == CASES else word

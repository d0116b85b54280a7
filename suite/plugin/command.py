"""The command that repeats a whole run."""

import shlex
from pathlib import Path

import pytest

from suite.planning.case_files import CASES, cases_folder
from suite.planning.commands import option_words, program
from suite.planning.run_options import RunOptions


def command_of_run(config: pytest.Config, options: RunOptions) -> str:
    """Return the command of a whole run, as typed at the root of the project."""
    selection = [word for flag in ("-k", "-m") if (text := config.getoption(flag)) for word in (flag, text)]
    paths = [_relative(argument, config) for argument in config.args]
    return shlex.join((*program(), *paths, *selection, *option_words(options, options.sweeps)))


def _relative(argument: str, config: pytest.Config) -> str:
    """Return a path or test id relative to the root of the project; outside of it, only the last part of the path."""
    path, separator, test = argument.partition("::")
    absolute = config.invocation_params.dir / path
    folder = cases_folder(config.rootpath)
    if absolute.is_relative_to(folder):
        path = (CASES / absolute.relative_to(folder)).as_posix() + ("/" if absolute.is_dir() else "")
    elif absolute.is_relative_to(config.rootpath):
        path = absolute.relative_to(config.rootpath).as_posix() + ("/" if absolute.is_dir() else "")
    else:
        path = Path(path).name
    return path + separator + test

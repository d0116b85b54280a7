"""The command that repeats a whole run."""

import shlex
from pathlib import Path

import pytest

from suite.planning.commands import option_words
from suite.planning.run_options import RunOptions


def command_of_run(config: pytest.Config, settings: RunOptions) -> str:
    """Return the command of a whole run, as it is typed at the root of the project."""
    chosen = [word for flag in ("-k", "-m") if (text := config.getoption(flag)) for word in (flag, text)]
    paths = [_below(argument, config) for argument in config.args]
    return shlex.join(("pytest", *paths, *chosen, *option_words(settings, settings.sweeps)))


def _below(argument: str, config: pytest.Config) -> str:
    """Return a path or test id given to pytest, relative to the root of the project where it lies below it."""
    path, separator, test = argument.partition("::")
    absolute = config.invocation_params.dir / path
    if absolute.is_relative_to(config.rootpath):
        path = absolute.relative_to(config.rootpath).as_posix() + ("/" if absolute.is_dir() else "")
    else:
        path = Path(path).name
    return path + separator + test

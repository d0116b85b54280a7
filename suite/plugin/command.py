"""Commands: what to type to get a cell, or a whole report, again."""

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from suite.case import Case
from suite.plugin.settings import Settings
from suite.variants import sweep_of

Wanted = Case | tuple[str, str]


def command_of(wanted: Wanted, settings: Settings) -> str:
    """Return the command that makes a cell, or a row of the discriminator table, again."""
    if isinstance(wanted, Case):
        test = "test_sweeps.py::test_variant" if wanted.variant else "test_table1.py::test_case"
        name = f"cases/{test}[{wanted.id}]"
    else:
        name = f"cases/test_discriminator.py::test_discriminator[{'-'.join(wanted)}]"
    sweep = sweep_of(wanted.variant) if isinstance(wanted, Case) and wanted.variant else None
    return shlex.join(("pytest", name, *_options(settings, (sweep,) if sweep else ())))


def command_of_run(config: pytest.Config, settings: Settings) -> str:
    """Return the command of a whole run, as it is typed at the root of the project."""
    chosen = [word for flag in ("-k", "-m") if (text := config.getoption(flag)) for word in (flag, text)]
    paths = [_below(argument, config) for argument in config.args]
    return shlex.join(("pytest", *paths, *chosen, *_options(settings, settings.sweeps)))


def _options(settings: Settings, sweeps: tuple[str, ...]) -> Iterator[str]:
    """Yield the options that change what is found; where things lie, and on what they are computed, does not.

    Images given by their path are named without the folders above them, for a report is sent to others.
    """
    choice = settings.choice
    chosen = {
        "--profile": settings.profile,
        "--seeds": choice.seeds,
        "--generator-seeds": choice.generator_seeds,
        "--evaluate": choice.evaluate if choice.evaluate != "test" else None,
        "--image-size": choice.image_size,
        "--limit-steps": choice.limit_steps,
        "--real": settings.real.name if settings.real else None,
    }
    for option, value in chosen.items():
        if value:
            yield from (option, str(value))
    for sweep in sweeps:
        yield from ("--sweep", sweep)
    for name, path in settings.places.folders.items():
        yield from ("--synthetic", f"{name}={path.name}")


def _below(argument: str, config: pytest.Config) -> str:
    """Return a path or test id given to pytest, relative to the root of the project where it lies below it."""
    path, separator, test = argument.partition("::")
    absolute = config.invocation_params.dir / path
    if absolute.is_relative_to(config.rootpath):
        path = absolute.relative_to(config.rootpath).as_posix() + ("/" if absolute.is_dir() else "")
    else:
        path = Path(path).name
    return path + separator + test

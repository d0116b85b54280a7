"""Commands: what to type to get a cell, or a whole report, again."""

import shlex
from collections.abc import Iterator

from suite.planning.case import Case
from suite.planning.run_options import RunOptions
from suite.planning.variants import sweep_of

Wanted = Case | tuple[str, str]


def command_of(wanted: Wanted, settings: RunOptions) -> str:
    """Return the command that makes a cell, or a row of the discriminator table, again."""
    if isinstance(wanted, Case):
        test = "test_sweeps.py::test_variant" if wanted.variant else "test_table1.py::test_case"
        name = f"cases/{test}[{wanted.id}]"
    else:
        name = f"cases/test_discriminator.py::test_discriminator[{'-'.join(wanted)}]"
    sweep = sweep_of(wanted.variant) if isinstance(wanted, Case) and wanted.variant else None
    return shlex.join(("pytest", name, *option_words(settings, (sweep,) if sweep else ())))


def option_words(settings: RunOptions, sweeps: tuple[str, ...]) -> Iterator[str]:
    """Yield the options that change what is found; where things lie, and on what they are computed, does not.

    Images given by their path are named without the folders above them, for a report is sent to others.
    """
    overrides = settings.overrides
    chosen = {
        "--profile": settings.profile,
        "--seeds": overrides.seeds,
        "--generator-seeds": overrides.generator_seeds,
        "--evaluate": overrides.evaluate if overrides.evaluate != "test" else None,
        "--image-size": overrides.image_size,
        "--limit-steps": overrides.limit_steps,
        "--real": settings.real.name if settings.real else None,
    }
    for option, value in chosen.items():
        if value:
            yield from (option, str(value))
    for sweep in sweeps:
        yield from ("--sweep", sweep)
    for name, path in settings.data_paths.folders.items():
        yield from ("--synthetic", f"{name}={path.name}")

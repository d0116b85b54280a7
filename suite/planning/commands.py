"""The command that repeats one case."""

import shlex
from collections.abc import Iterator

from suite.planning.case import AnyCase, Case
from suite.planning.case_files import PACKAGED_CASES
from suite.planning.run_options import RunOptions, default_classifier
from suite.planning.variants import sweep_of


def command_of(case: AnyCase, options: RunOptions) -> str:
    """Return the command that repeats a cell, or a row of the discriminator table."""
    sweeps: tuple[str, ...] = ()
    if not isinstance(case, Case):
        test = "test_discriminator.py::test_discriminator"
    elif case.variant:
        test, sweeps = "test_sweeps.py::test_variant", (sweep_of(case.variant),)
    else:
        test = "test_table1.py::test_case"
    return shlex.join((*program(), f"cases/{test}[{case.id}]", *option_words(options, sweeps)))


def program() -> tuple[str, ...]:
    """Return the program that runs cases: pytest in a checkout, ``suite run`` where the package is installed."""
    return ("suite", "run") if PACKAGED_CASES.is_dir() else ("pytest",)


def judge_command(options: RunOptions) -> str:
    """Return the command that repeats the evaluation of one's own images; images are named as in ``option_words``."""
    sets = (f"{name}={path.name}" for name, path in options.data_paths.folders.items())
    assert options.real is not None
    return shlex.join(("suite", "judge", options.real.name, *sets, *_settings(options, options.sweeps)))


def option_words(options: RunOptions, sweeps: tuple[str, ...]) -> Iterator[str]:
    """Yield the options that change the results; data paths, device and engine do not.

    Images given by their path are named without the folders above them, because reports are published.
    """
    yield from _settings(options, sweeps)
    if options.real:
        yield from ("--real", options.real.name)
    for name, path in options.data_paths.folders.items():
        yield from ("--synthetic", f"{name}={path.name}")


def _settings(options: RunOptions, sweeps: tuple[str, ...]) -> Iterator[str]:
    overrides = options.overrides
    values = {
        "--profile": options.profile,
        "--classifier": overrides.classifier if overrides.classifier != default_classifier(options.real) else None,
        "--seeds": overrides.max_seeds,
        "--generator-seeds": overrides.generator_seeds,
        "--per-class": overrides.per_class,
        "--amount": f"{overrides.amount:g}" if overrides.amount != 1 else None,
        "--evaluate": overrides.evaluate if overrides.evaluate != "test" else None,
        "--groups": overrides.groups,
        "--image-size": overrides.image_size,
        "--limit-steps": overrides.limit_steps,
    }
    for name, value in values.items():
        if value:
            yield from (name, str(value))
    if overrides.keep_duplicates:
        yield "--keep-test-duplicates"
    if overrides.ceiling:
        yield "--ceiling"
    for sweep in sweeps:
        yield from ("--sweep", sweep)

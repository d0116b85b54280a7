"""Checks that the contracts share: heavy imports, names and texts, repeated builds, and interrupted builds."""

import os
import pickle
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterable

from suite.artifacts import DataPaths, Recipe, Store
from suite.datasets.naming import is_printable
from suite.engines.build import build, build_all, in_order
from suite.errors import Unavailable
from suite.registry import reserved_words_in

HEAVY = (
    "PIL",
    "diffusers",
    "jax",
    "matplotlib",
    "numpy",
    "pandas",
    "scipy",
    "sklearn",
    "tensorflow",
    "timm",
    "torch",
    "torch_fidelity",
    "torchvision",
    "transformers",
)
PROGRAM = f"""
import pickle, sys
function, arguments = pickle.load(sys.stdin.buffer)
function(*arguments)
print(*(name for name in {HEAVY} if name in sys.modules))
"""


class Interrupted(BaseException):
    """Simulates Ctrl-C at a chosen moment."""


def heavy_imports(function: Callable[..., object], *arguments: object) -> list[str]:
    """Return the heavy libraries that a call imports in a fresh process, with the modules of its arguments.

    Args:
        function: A module-level function.
        arguments: Its arguments. They are pickled, as for an engine's workers.

    Returns:
        Names from ``HEAVY``.
    """
    completed = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=pickle.dumps((function, arguments)),
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert completed.returncode == 0, completed.stderr.decode()
    return completed.stdout.decode().split()


def check_name(name: str) -> None:
    """Assert that a name is valid in a test id, and that ``-k`` with another name does not select it too."""
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name), f"{name!r} is not of lower case letters, digits, dots and dashes"
    assert not reserved_words_in(name), f"-k {reserved_words_in(name)[0]} would select {name} too"


def check_one_line(*texts: str) -> None:
    """Assert that each text is one non-empty line of printable characters."""
    for text in texts:
        assert text.strip()
        assert is_printable(text), f"{text!r} is not one line of text"


def check_steps(*recipes: Recipe) -> None:
    """Assert that each step of the recipes has a version, a label and a name that no other recipe class uses."""
    for recipe in in_order(*recipes):
        assert recipe.version >= 1
        classes = _classes_of_step(recipe.step)
        assert len(classes) == 1, f"step {recipe.step!r} belongs to several classes: {sorted(classes)}"
        check_one_line(recipe.step, recipe.label)


def reseed_global_generators(seed: int) -> None:
    """Seed the global random number generators, which plugins must not use."""
    random.seed(seed)
    if numpy := sys.modules.get("numpy"):  # code that has not imported it cannot have drawn from it
        numpy.random.seed(seed)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)


def unavailable_message(function: Callable[[], object]) -> str | None:
    """Call a function and return the message of the ``Unavailable`` that it raises; None if it raises none."""
    try:
        function()
    except Unavailable as error:
        return str(error)
    return None


def build_payloads(store: Store, recipes: Iterable[Recipe], data_paths: DataPaths) -> dict[str, bytes]:
    """Build recipes with all their dependencies, and return the content of every payload file.

    Args:
        store: The store to build in.
        recipes: What to build.
        data_paths: Where data and caches are.

    Returns:
        The bytes of each file, by label, key and file name.
    """
    targets = list(recipes)
    build_all(store, targets, data_paths=data_paths)
    artifacts = {step.key: (step.label, store.get(step)) for step in in_order(*targets)}
    return {
        f"{label}: {key}/{name}": artifact.file(name).read_bytes()
        for key, (label, artifact) in artifacts.items()
        for name in artifact.manifest.files
    }


def interrupt_build(store: Store, recipe: Recipe, data_paths: DataPaths) -> bool:
    """Start to build a recipe whose dependencies are built, and interrupt it when it reports half of its progress.

    Args:
        store: The store to build in.
        recipe: What to build.
        data_paths: Where data and caches are.

    Returns:
        Whether it was interrupted. A build that reports no progress, or only the end, runs to its end.
    """

    def progress(done: int, total: int) -> None:
        if total <= 2 * done < 2 * total:
            raise Interrupted

    try:
        build(store, recipe, data_paths=data_paths, progress=progress)
    except Interrupted:
        return True
    return False


def _classes_of_step(step: str) -> set[str]:
    """Return the names of all imported recipe classes with this step name."""
    found, stack = set(), list(Recipe.__subclasses__())
    while stack:
        recipe_class = stack.pop()
        stack += recipe_class.__subclasses__()
        if vars(recipe_class).get("step") == step:
            found.add(f"{recipe_class.__module__}.{recipe_class.__qualname__}")
    return found

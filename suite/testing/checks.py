"""What the contracts share: looking for heavy imports, building twice, and breaking a build off."""

import os
import pickle
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterable

from suite.artifacts import DataPaths, Recipe, Store
from suite.datasets.naming import printable
from suite.engines.build import build, build_all, in_order
from suite.errors import Unavailable
from suite.registry import reserved_in

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
    """Stands for Ctrl-C at a chosen moment."""


def heavy_imports(function: Callable[..., object], *arguments: object) -> list[str]:
    """Return the heavy libraries that a call imports, with the modules of all its arguments, in a fresh process.

    Args:
        function: A function of a module.
        arguments: What it is called with; pickled, as for an engine's workers.
    """
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=pickle.dumps((function, arguments)),
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().split()


def check_name(name: str) -> None:
    """Assert that a name can stand in a test's id, and that ``-k`` with the name of something else passes it by."""
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name), f"{name!r} is not of lower case letters, digits, dots and dashes"
    assert not reserved_in(name), f"-k {reserved_in(name)[0]} would select {name} too"


def check_texts(*texts: str) -> None:
    """Assert that each text says something, on one line."""
    for text in texts:
        assert text.strip()
        assert printable(text), f"{text!r} is not one line of text"


def check_steps(*recipes: Recipe) -> None:
    """Assert that each step on the way to recipes has a version and a label, and a name that no other class has."""
    for recipe in in_order(*recipes):
        assert recipe.version >= 1
        assert len(_owners(recipe.step)) == 1, f"{recipe.step} is the step of {sorted(_owners(recipe.step))}"
        check_texts(recipe.step, recipe.label)


def disturb(seed: int) -> None:
    """Put the random numbers that a plugin must not draw from into another state."""
    random.seed(seed)
    if numpy := sys.modules.get("numpy"):  # who has not imported it has drawn nothing from it
        numpy.random.seed(seed)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(seed)


def refusal(look: Callable[[], object]) -> str | None:
    """Return the words with which something says that it is not on this machine; None if it is."""
    try:
        look()
    except Unavailable as error:
        return str(error)
    return None


def payload(store: Store, recipes: Iterable[Recipe], data_paths: DataPaths) -> dict[str, bytes]:
    """Build recipes and all they need, and return the bytes of every payload file of all of them."""
    wanted = list(recipes)
    build_all(store, wanted, data_paths=data_paths)
    artifacts = {step.key: (step.label, store.get(step)) for step in in_order(*wanted)}
    return {
        f"{label}: {key}/{name}": artifact.file(name).read_bytes()
        for key, (label, artifact) in artifacts.items()
        for name in artifact.manifest.files
    }


def break_off(store: Store, recipe: Recipe, data_paths: DataPaths) -> bool:
    """Build a recipe whose dependencies are there, and break off halfway, or whenever it says it is half done.

    Returns:
        Whether it was broken off: a build that tells of no progress, or of the end alone, is finished.
    """

    def progress(done: int, total: int) -> None:
        if total <= 2 * done < 2 * total:
            raise Interrupted

    try:
        build(store, recipe, data_paths=data_paths, progress=progress)
    except Interrupted:
        return True
    return False


def _owners(step: str) -> set[str]:
    """Return the classes of recipes that give their step this name, of all that were imported."""
    found, stack = set(), list(Recipe.__subclasses__())
    while stack:
        kind = stack.pop()
        stack += kind.__subclasses__()
        if vars(kind).get("step") == step:
            found.add(f"{kind.__module__}.{kind.__qualname__}")
    return found

"""A step whose code changed says so by its version: equal keys mean equal bytes across releases too.

``steps.json`` holds version and digest of the code of every step. A digest is over the syntax tree: comments,
docstrings and formatting do not count. After a change, raise the ``version`` of the steps that now make other bytes and

    python tests/test_versions.py [STEP ...]

where the steps named are those whose code changed and whose bytes did not (``all`` for every one).
"""

import ast
import hashlib
import json
import pkgutil
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import suite
from suite.artifacts import Recipe

LOCK = Path(__file__).with_name("steps.json")
UPDATE = "python tests/test_versions.py"


def steps() -> dict[str, type[Recipe]]:
    """Return every recipe class of the suite that can be built, by step."""
    for module in pkgutil.walk_packages(suite.__path__, "suite."):
        if any(_assigns(node, "step") for node in ast.walk(tree(module.name))):  # the others take long to import
            import_module(module.name)
    return {recipe.step: recipe for recipe in _recipes()}


def _recipes() -> Iterator[type[Recipe]]:
    stack: list[type[Recipe]] = [Recipe]
    while stack:
        kind = stack.pop()
        stack.extend(kind.__subclasses__())
        if kind.__module__.startswith("suite.") and not kind.__abstractmethods__:
            yield kind


def digest(recipe: type[Recipe]) -> str:
    """Return 16 hexadecimal digits over the code that decides what a recipe makes."""
    modules = {*recipe.code, *(("suite.compute",) if "compute" in recipe.model_fields else ())}
    parts = [canonical(tree(name)) for name in sorted(modules)]
    own = next(
        node
        for node in ast.walk(tree(recipe.__module__))
        if isinstance(node, ast.ClassDef) and node.name == recipe.__qualname__
    )
    versionless = [canonical(node) for node in own.body if not _assigns(node, "version", "code")]
    return hashlib.sha256(json.dumps([parts, versionless]).encode()).hexdigest()[:16]


def _assigns(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id in names


@cache
def tree(module: str) -> ast.Module:
    """Return the syntax tree of a module."""
    spec = find_spec(module)
    assert spec is not None, f"there is no module {module}"
    assert spec.origin is not None
    return ast.parse(Path(spec.origin).read_text(encoding="utf-8"))


def canonical(node: Any) -> Any:
    """Return a tree as JSON values without docstrings; the same on every version of Python."""
    if isinstance(node, list):
        return [canonical(item) for item in node]
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = {name: value for name, value in ast.iter_fields(node) if value is not None and value != []}
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False):
        fields["body"] = node.body[1:]
    return [type(node).__name__, {name: canonical(value) for name, value in sorted(fields.items())}]


def locked() -> dict[str, dict[str, Any]]:
    """Return what was committed."""
    return dict(json.loads(LOCK.read_text(encoding="utf-8")))


def test_steps_have_names_of_their_own() -> None:
    steps()
    # By name, for a module that was first imported inside a test of pytest is imported again after it.
    classes = {(recipe.step, recipe.__module__, recipe.__qualname__) for recipe in _recipes()}
    owners = Counter(step for step, _, _ in classes)
    assert [step for step, count in owners.items() if count > 1] == []


@pytest.mark.parametrize("step", sorted(locked()))
def test_code_that_changed_has_another_version(step: str) -> None:
    recipe = steps().get(step)
    assert recipe is not None, f"step {step} is gone: run {UPDATE}"
    was = locked()[step]
    if recipe.version != was["version"]:
        pytest.fail(f"step {step}: version {was['version']} became {recipe.version}: run {UPDATE}", pytrace=False)
    if digest(recipe) != was["digest"]:
        pytest.fail(
            f"step {step}: its code changed and its version is {recipe.version} still. If it makes other bytes now, "
            f"raise the version of {recipe.__name__} and run {UPDATE}; if not, run {UPDATE} {step}",
            pytrace=False,
        )


def test_new_steps_are_noted() -> None:
    assert sorted(set(steps()) - set(locked())) == [], f"run {UPDATE}"


@pytest.mark.parametrize("step", sorted(locked()))
def test_the_code_of_a_step_is_named_rightly(step: str) -> None:
    recipe = steps()[step]
    assert isinstance(recipe.version, int)
    assert recipe.version >= 1
    assert recipe.code, f"{recipe.__name__} names no module that decides its bytes"
    for name in recipe.code:
        assert name.startswith("suite.")
        tree(name)
    assert [name for name in recipe.imports if not installed(name)] == []


def installed(name: str) -> bool:
    """Return whether there is a module of this name, without importing the packages it lies in."""
    top, *inner = name.split(".")
    spec = find_spec(top)
    if spec is None or not inner:
        return spec is not None
    data_paths = [Path(folder, *inner) for folder in spec.submodule_search_locations or ()]
    return any(place.is_dir() or place.with_suffix(".py").is_file() for place in data_paths)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("x = 1", "x = 1  # why", True),
        ("def f():\n    return 1", 'def f():\n    """What."""\n    return 1', True),
        ("class A:\n    x = 1", 'class A:\n    """What."""\n\n    x = (\n        1\n    )', True),
        ("f(1, 2)", "f(\n    1,\n    2,\n)", True),
        ("x = 1", "x = 2", False),
        ("def f(a=1):\n    return a", "def f(a=2):\n    return a", False),
        ("f('a')", "f('b')", False),
        ("f(f'{a}b')", "f(f'{a}c')", False),
    ],
)
def test_only_what_runs_counts(one: str, other: str, same: bool) -> None:
    assert (canonical(ast.parse(one)) == canonical(ast.parse(other))) == same


def main(unchanged: list[str]) -> str:
    """Write the lock anew and return what is still to be decided."""
    before = locked() if LOCK.exists() else {}
    after, undecided = {}, []
    for step, recipe in sorted(steps().items()):
        after[step] = {"version": recipe.version, "digest": digest(recipe)}
        was = before.get(step, after[step])
        silent = was["version"] == recipe.version and was["digest"] != after[step]["digest"]
        if silent and step not in unchanged and "all" not in unchanged:
            undecided.append(step)
            after[step] = was
    LOCK.write_text(json.dumps(after, indent=1) + "\n", encoding="utf-8")
    return " ".join(undecided) and f"raise the version of these, or name them here: {' '.join(undecided)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) or None)

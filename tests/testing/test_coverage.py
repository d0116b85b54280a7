"""Every built-in plugin passes the contract of its kind, and failed contracts explain themselves."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import suite.testing
from suite.classifiers.classifier import classifiers
from suite.datasets.dataset import datasets
from suite.filters.filter import filters
from suite.generators.generator import generators
from suite.metrics.extractors.extractor import extractors
from suite.metrics.fidelity.metric import metrics

TESTS = Path(__file__).parents[1]
TESTING = Path(suite.testing.__file__).parent


def plugins_under_test() -> Iterator[str]:
    """Yield the class names that test classes assign to ``plugin``."""
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
                yield from (
                    ast.unparse(line.value).rpartition(".")[2]
                    for line in node.body
                    if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "plugin"
                )


@pytest.mark.parametrize(
    "registry", [classifiers, datasets, extractors, filters, generators, metrics], ids=lambda registry: registry.kind
)
def test_every_built_in_plugin_has_a_contract_test(registry) -> None:
    built_in = {type(registry.get(name)).__name__ for name in registry if registry.is_built_in(name)}
    assert built_in
    assert built_in - {"Published"} <= set(plugins_under_test()), (
        "Published takes a card: tests/generators/test_published.py"
    )


@pytest.mark.parametrize("path", sorted(TESTING.glob("*.py")), ids=lambda path: path.stem)
def test_failed_assertions_of_contracts_show_values(path: Path) -> None:
    """Pytest rewrites the assertions of every module here that has any, so that authors see what differed."""
    if any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(path.read_text("utf-8")))):
        assert "@pytest_ar" in vars(import_module(f"suite.testing.{path.stem}"))

"""Nobody is left out: every plugin of the suite has a contract among the tests."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from suite.classifiers.network import networks
from suite.datasets.dataset import datasets
from suite.filters.filter import filters
from suite.generators.generator import generators
from suite.metrics.extractors.extractor import extractors
from suite.metrics.fidelity.metric import metrics

TESTS = Path(__file__).parents[1]


def kept() -> Iterator[str]:
    """Yield the names of the classes that some ``plugin = ...`` of a test class says."""
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
                yield from (
                    ast.unparse(line.value).rpartition(".")[2]
                    for line in node.body
                    if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "plugin"
                )


@pytest.mark.parametrize(
    "registry", [datasets, extractors, filters, generators, metrics, networks], ids=lambda registry: registry.kind
)
def test_every_built_in_plugin_keeps_its_contract(registry) -> None:
    built_in = {type(registry.get(name)).__name__ for name in registry if registry.is_built_in(name)}
    assert built_in
    assert built_in <= set(kept())

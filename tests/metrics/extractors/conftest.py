"""Replacements for published weights: files with random tensors of the same shapes."""

import os
from functools import partial

import pytest

from suite.artifacts.files import checksum
from suite.metrics.extractors.weights import WeightFile


@pytest.fixture(autouse=True)
def no_installed_weights(monkeypatch, tmp_path):
    """Hide weights installed on this machine, so that tests see only their own."""
    for variable in [name for name in os.environ if name.startswith("SUITE_") and name.endswith("_WEIGHTS")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


def replace_weights(patch, module, path):
    """Make an extractor module accept this file in place of the published one."""
    published = module.WEIGHTS
    patch.setattr(module, "WEIGHTS", WeightFile(published.name, published.url, checksum(path), published.variable))
    patch.setenv(published.variable, str(path))


@pytest.fixture
def accept(monkeypatch):
    """Return a function that makes an extractor module accept a file in place of the published one."""
    return partial(replace_weights, monkeypatch)


@pytest.fixture(scope="class")
def accept_for_class():
    """Return the same function for class-scoped fixtures."""
    with pytest.MonkeyPatch.context() as patch:
        yield partial(replace_weights, patch)

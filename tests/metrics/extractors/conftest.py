"""Stand-ins for published weights: files of the right shape, drawn at random."""

import os
from functools import partial

import pytest

from suite.artifacts.files import checksum
from suite.metrics.extractors.weights import WeightFile


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch, tmp_path):
    """No weights but those that a test brings."""
    for variable in [name for name in os.environ if name.startswith("SUITE_") and name.endswith("_WEIGHTS")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


def accepted(patch, module, path):
    """Make an extractor's module take this file for the published one."""
    known = module.WEIGHTS
    patch.setattr(module, "WEIGHTS", WeightFile(known.name, known.url, checksum(path), known.variable))
    patch.setenv(known.variable, str(path))


@pytest.fixture
def accept(monkeypatch):
    """Make an extractor's module take this file for the published one."""
    return partial(accepted, monkeypatch)


@pytest.fixture(scope="class")
def accept_for_class():
    """The same for as long as networks live that are loaded once a class."""
    with pytest.MonkeyPatch.context() as patch:
        yield partial(accepted, patch)

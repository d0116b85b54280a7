"""Stand-ins for published weights: files of the right shape, drawn at random."""

import os

import pytest

from suite.artifacts.files import checksum
from suite.metrics.extractors.weights import WeightFile


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch, tmp_path):
    """No weights but those that a test brings."""
    for variable in [name for name in os.environ if name.startswith("SUITE_") and name.endswith("_WEIGHTS")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


@pytest.fixture
def accept(monkeypatch):
    """Make an extractor's module take this file for the published one."""

    def accepted(module, path):
        known = module.WEIGHTS
        monkeypatch.setattr(module, "WEIGHTS", WeightFile(known.name, known.url, checksum(path), known.variable))
        monkeypatch.setenv(known.variable, str(path))

    return accepted

"""Fixtures that every room's tests share."""

import sys
from pathlib import Path

import pytest
from hypothesis import settings

from suite.artifacts import Store

sys.path.insert(0, str(Path(__file__).parent / "helpers"))  # for worker processes too, which inherit it

pytest_plugins = ["pytester"]
settings.register_profile("suite", deadline=None, max_examples=50)  # builds and busy machines take their time
settings.load_profile("suite")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    made = Store(tmp_path / "store")
    made.prepare()
    return made

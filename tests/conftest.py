"""Fixtures that every room's tests share."""

from pathlib import Path

import pytest

from suite.artifacts import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    made = Store(tmp_path / "store")
    made.prepare()
    return made

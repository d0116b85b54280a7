"""A few real digits to learn from, and ways to build twice and to interrupt."""

from collections.abc import Callable
from pathlib import Path

import pytest

from suite.artifacts import Recipe, Store
from suite.engines.build import build, build_all
from suite.generators.generator import Request
from suite.testing.digits import request


class Interrupted(BaseException):
    """Stands for Ctrl-C at a chosen moment."""


@pytest.fixture(scope="session")
def request_for() -> Callable[..., Request]:
    """Make a request for images of the first digits, with five real images each to learn from."""
    return request


@pytest.fixture
def another_store(tmp_path: Path) -> Store:
    """A second empty store."""
    made = Store(tmp_path / "another")
    made.prepare()
    return made


@pytest.fixture
def interrupt() -> Callable[[Store, Recipe, int], None]:
    """Build a recipe up to a given progress and no further; what it depends on is built whole."""

    def run(store: Store, recipe: Recipe, at: int) -> None:
        def progress(done: int, total: int) -> None:  # noqa: ARG001
            if done >= at:
                raise Interrupted

        build_all(store, recipe.dependencies)
        with pytest.raises(Interrupted):
            build(store, recipe, progress=progress)

    return run


@pytest.fixture
def payload() -> Callable[[Store, Recipe], dict[str, bytes]]:
    """Build a recipe, unless it is there, and return the bytes of every payload file."""

    def read(store: Store, recipe: Recipe) -> dict[str, bytes]:
        artifact = build_all(store, [recipe])[0]
        return {name: artifact.file(name).read_bytes() for name in artifact.manifest.files}

    return read

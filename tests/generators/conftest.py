"""Requests for images of a few digits, and helpers to build recipes twice or to interrupt a build."""

from collections.abc import Callable
from pathlib import Path

import pytest

from suite.artifacts import Recipe, Store
from suite.engines.build import build, build_all
from suite.generators.generator import Request
from suite.testing.digits import request


class Interrupted(BaseException):
    """Simulates Ctrl-C at a chosen step."""


@pytest.fixture(scope="session")
def request_for() -> Callable[..., Request]:
    """Function that makes a request for images of the first digits, with five real training images per class."""
    return request


@pytest.fixture
def another_store(tmp_path: Path) -> Store:
    """A second empty store."""
    store = Store(tmp_path / "another")
    store.prepare()
    return store


@pytest.fixture
def interrupt() -> Callable[[Store, Recipe, int], None]:
    """Function that builds a recipe and interrupts it at a given progress; its dependencies are built completely."""

    def run(store: Store, recipe: Recipe, stop_at: int) -> None:
        def progress(done: int, total: int) -> None:  # noqa: ARG001
            if done >= stop_at:
                raise Interrupted

        build_all(store, recipe.dependencies)
        with pytest.raises(Interrupted):
            build(store, recipe, progress=progress)

    return run


@pytest.fixture
def payload() -> Callable[[Store, Recipe], dict[str, bytes]]:
    """Function that builds a recipe, unless it is built already, and returns the bytes of every payload file."""

    def read(store: Store, recipe: Recipe) -> dict[str, bytes]:
        artifact = build_all(store, [recipe])[0]
        return {name: artifact.file(name).read_bytes() for name in artifact.manifest.files}

    return read

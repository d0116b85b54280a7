"""A few real digits to learn from, and ways to build twice and to interrupt."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from suite.artifacts import Places, Recipe, Store
from suite.compute import Compute
from suite.datasets.locate import locate
from suite.datasets.real import RealImages, RealSubset
from suite.engines.build import build, build_all
from suite.generators.generator import Request

PER_CLASS = 5


class Interrupted(BaseException):
    """Stands for Ctrl-C at a chosen moment."""


@pytest.fixture(scope="session")
def request_for(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Request]:
    """Make a request for images of the first digits, with five real images each to learn from."""
    content = locate("digits", Places(), tmp_path_factory.mktemp("memo")).content
    images = RealImages(dataset="digits", content=content.id, split="train", size=8, per_class=content.train)

    def make(*counts: int, seed: int = 0, **compute: Any) -> Request:
        # Labels beyond the counts keep no image, so that three classes are all there are.
        take = tuple(PER_CLASS if label < len(counts) else 0 for label in range(10))
        return Request(
            real=RealSubset(images=images, part="fit", carve=(9,) * 10, take=take, seed=0),
            dataset="digits",
            classes=content.classes[: len(counts)],
            prompts=("{}",),
            size=8,
            counts=counts,
            seed=seed,
            compute=Compute(**compute),
        )

    return make


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
        return {name: artifact.file(name).read_bytes() for name in artifact.manifest["files"]}

    return read

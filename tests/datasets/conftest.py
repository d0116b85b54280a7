"""Fixtures: small valid image folders and zips, and the real archives if they are available."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

MakeFolder = Callable[..., Path]


def painted(seed: int, size: tuple[int, int] = (12, 10)) -> Image.Image:
    """Return an RGB image of random pixels, ``size`` wide and high."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(pixels)


@pytest.fixture
def paint() -> Callable[..., Image.Image]:
    return painted


@pytest.fixture
def image_folder(tmp_path: Path) -> MakeFolder:
    """Make ``<root>/<name>/<split>/<class>/<number>.png``; a split named "" has no folder level."""

    def make(
        name: str = "pets",
        splits: dict[str, int] | None = None,
        classes: tuple[str, ...] = ("cat", "dog"),
        root: Path = tmp_path / "data",
    ) -> Path:
        seed = 0
        for split, count in (splits or {"train": 5, "test": 3}).items():
            for label in classes:
                folder = root / name / split / label
                folder.mkdir(parents=True)
                for number in range(count):
                    seed += 1
                    painted(seed).save(folder / f"{number}.png")
        return root / name

    return make


@pytest.fixture
def zipped() -> Callable[..., Path]:
    """Zip a directory as ``<directory>.zip`` or ``to``, with members under ``top`` in reverse order."""

    def make(folder: Path, top: str = "", to: Path | None = None) -> Path:
        target = to or folder.with_name(f"{folder.name}.zip")
        with zipfile.ZipFile(target, "w") as archive:
            for path in sorted(folder.rglob("*"), reverse=True):
                archive.write(path, os.path.join(top, path.relative_to(folder)))  # noqa: PTH118 - top may be ""
        return target

    return make

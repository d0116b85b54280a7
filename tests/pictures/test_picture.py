"""Tests of the pictures: the right images at the right positions."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from PIL import Image
from simple_classifiers import resnet18
from simple_recipes import Painted

from suite.artifacts import BuildContext, Store
from suite.classifiers.classifier import PREDICTIONS
from suite.classifiers.network import NetworkPredictions
from suite.classifiers.plugins.resnet18 import ResNet18Settings
from suite.compute import Compute
from suite.engines.build import build_all
from suite.images import ImageSet
from suite.images.image_set import IMAGES
from suite.metrics.recipes import plan_copying, plan_fidelity
from suite.pictures.contact_sheet import CELL, GAP, HEAD, NAME_WIDTH, draw_named, draw_thumbnails
from suite.pictures.grid import Grid, Thumbnails
from suite.pictures.least_agreed import LeastAgreed
from suite.pictures.neighbours import Neighbours
from suite.pictures.picture import Picture, picture_name, plan_pictures
from suite.pictures.sheet_layout import COLUMNS

CLASSES = ("red", "green", "blue")
REAL = Painted(per_class=(20, 20, 20))


class WithCopies(ImageSet):
    """The generated images, except that the last image of each class is a copy of a real one."""

    step: ClassVar[str] = "test-with-copies"
    version: ClassVar[int] = 1

    real: ImageSet
    generated: ImageSet

    @property
    def counts(self) -> tuple[int, ...] | None:
        return self.generated.counts

    def build(self, context: BuildContext) -> None:
        real, generated = self.real.open(context.store), self.generated.open(context.store)
        images = generated.images.copy()
        for label in range(len(CLASSES)):
            images[np.flatnonzero(generated.labels == label)[-1]] = real.images[np.flatnonzero(real.labels == label)[3]]
        context.write_tensors(IMAGES, {"images": images, "labels": generated.labels})


SYNTHETIC = WithCopies(real=REAL, generated=Painted(per_class=(12, 12, 12), seed=1, noise=90))
ORG = tuple(
    NetworkPredictions(
        classifier=resnet18(
            training_set=REAL,
            classes=3,
            settings=ResNet18Settings(width=4, epochs=1, batch_size=30),
            seed=seed,
            compute=Compute(),
        ),
        images=SYNTHETIC,
        compute=Compute(),
    )
    for seed in range(2)
)
PLANNED = plan_pictures(
    "paint",
    "cd",
    real=REAL,
    synthetic=SYNTHETIC,
    org=ORG,
    fidelity=[plan_copying(SYNTHETIC, REAL, Compute(), size=8)],
    classes=CLASSES,
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("pictures"))
    store.prepare()
    build_all(store, [picture.recipe for picture in PLANNED])
    return store


def _files(built: Store) -> dict[str, Path]:
    return {name: path for picture in PLANNED for name, path in picture.files(built).items()}


def _thumbnail(path: Path, row: int, column: int) -> np.ndarray:
    cell = 9
    sheet = np.asarray(Image.open(path))
    return sheet[row * cell : row * cell + 8, column * cell : column * cell + 8, :3]


def test_files_have_the_names_of_the_report(built: Store):
    assert sorted(_files(built)) == [
        "grid-paint-cd.png",
        "least-agreed-paint-cd.json",
        "least-agreed-paint-cd.png",
        "least-agreed-paint-cd.webp",
        "neighbours-paint-cd.png",
        "neighbours-paint-cd.webp",
        "thumbnails-paint-cd.webp",
        "thumbnails-paint.webp",
    ]


def test_grid_shows_the_first_images_of_each_class(built: Store):
    picture = np.asarray(Image.open(_files(built)["grid-paint-cd.png"]))
    step = CELL + GAP
    for side, images in enumerate((REAL.open(built), SYNTHETIC.open(built))):
        left = NAME_WIDTH + side * (COLUMNS * step + 2 * GAP)
        for label in range(3):
            for column in (0, COLUMNS - 1):
                x, y = left + column * step, HEAD + label * step
                shown = picture[y : y + CELL : 6, x : x + CELL : 6]
                assert np.array_equal(shown, images.images[images.labels == label][column])


def test_thumbnails_are_unscaled_images_with_transparent_gaps(built: Store):
    path = _files(built)["thumbnails-paint-cd.webp"]
    images = SYNTHETIC.open(built)
    assert Image.open(path).size == (COLUMNS * 9, 3 * 9)
    assert np.array_equal(_thumbnail(path, 2, 1), images.images[images.labels == 2][1])
    alpha = np.asarray(Image.open(path).convert("RGBA"))[..., 3]
    assert not alpha[8::9].any()
    assert not alpha[:, 8::9].any()
    assert alpha[:8, :8].all()


def test_least_agreed_images_have_the_lowest_probability_of_their_label(built: Store):
    probabilities = np.mean(
        [built.get(predictions).tensors(PREDICTIONS)["probabilities"].astype(np.float64) for predictions in ORG], axis=0
    )
    images = SYNTHETIC.open(built)
    files = _files(built)
    captions = json.loads(files["least-agreed-paint-cd.json"].read_text())
    assert [len(row) for row in captions] == [COLUMNS] * 3
    for label in range(3):
        of_class = np.flatnonzero(images.labels == label)
        order = of_class[np.argsort(probabilities[of_class, label])]
        for column in (0, COLUMNS - 1):
            shown = _thumbnail(files["least-agreed-paint-cd.webp"], label, column)
            assert np.array_equal(shown, images.images[order[column]])
            caption = captions[label][column]
            assert caption["taken_for"] == probabilities[order[column]].argmax()
            assert caption["own"] == pytest.approx(probabilities[order[column], label], abs=1e-4)


def test_copies_come_first_among_the_neighbours(built: Store):
    real, synthetic = REAL.open(built), SYNTHETIC.open(built)
    path = _files(built)["neighbours-paint-cd.webp"]
    for label in range(3):
        copied = real.images[real.labels == label][3]
        assert np.array_equal(_thumbnail(path, 2 * label, 0), copied)
        assert np.array_equal(_thumbnail(path, 2 * label + 1, 0), copied)
        others = synthetic.images[synthetic.labels == label][:-1]
        assert any(np.array_equal(_thumbnail(path, 2 * label, 1), image) for image in others)


def test_rebuilt_pictures_have_the_same_bytes(built: Store, store: Store):
    build_all(store, [picture.recipe for picture in PLANNED])
    first, second = _files(built), _files(store)
    for name in first:
        assert first[name].read_bytes() == second[name].read_bytes(), name


def test_neighbours_need_a_search():
    def planned(*fidelity: object) -> list[type]:
        arguments = {"real": REAL, "synthetic": SYNTHETIC, "org": ORG, "classes": CLASSES, "fidelity": fidelity}
        return [type(picture.recipe) for picture in plan_pictures("paint", "cd", **arguments)]

    assert planned() == [Grid, Thumbnails, Thumbnails, LeastAgreed]
    assert planned(plan_copying(SYNTHETIC, REAL, Compute(), size=8))[-1] is Neighbours


def test_neighbours_in_pixel_space_are_preferred():
    features = plan_fidelity(SYNTHETIC, REAL, "efficientnet-lite0", Compute(), natural=False)
    pixels = plan_copying(SYNTHETIC, REAL, Compute(), size=8)
    for fidelity, preferred in (((features, pixels), pixels), ((features,), features)):
        *_, last = plan_pictures(
            "paint", "cd", real=REAL, synthetic=SYNTHETIC, org=ORG, fidelity=fidelity, classes=CLASSES
        )
        assert isinstance(last.recipe, Neighbours)
        assert last.recipe.fidelity == preferred


def test_real_thumbnails_are_shared_by_all_generators():
    other = plan_pictures("paint", "sd", real=REAL, synthetic=REAL, org=ORG, fidelity=(), classes=CLASSES)
    assert PLANNED[1] == other[1] == Picture(Thumbnails(images=REAL, classes=3), ("paint",))


@pytest.mark.parametrize("name", ["a/b", "../x", "<b>", "a b", "ä" * 200, "con:", ""])
def test_unsafe_names_become_safe_file_names(name: str):
    safe = picture_name("grid.png", name, "cd")
    assert safe.endswith("-cd.png")
    assert set(safe) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")
    assert ".." not in safe
    assert len(safe) < 80
    assert not name or safe != picture_name("grid.png", f"{name}.", "cd")


def _uniform_image(side: int) -> np.ndarray:
    return np.full((side, side, 3), 200, dtype=np.uint8)


@pytest.mark.parametrize("side", [1, 8, 32, 64, 224])
def test_images_of_any_size_are_drawn(tmp_path: Path, side: int):
    draw_named(
        tmp_path / "named.png", ["a", "b" * 40], [("t", [[_uniform_image(side)] * 9, []])], [["long caption"] * 8, []]
    )
    draw_thumbnails(tmp_path / "sheet.webp", [[_uniform_image(side)] * 9, []])
    sheet = Image.open(tmp_path / "sheet.webp")
    assert sheet.size[0] == 4 * sheet.size[1]
    assert sheet.size[0] <= 8 * 69


def test_large_sheets_are_compressed(tmp_path: Path, noise_image: Callable[[int], np.ndarray]):
    draw_thumbnails(tmp_path / "sheet.webp", [[noise_image(seed) for seed in range(8)]] * 10)
    assert (tmp_path / "sheet.webp").stat().st_size < 200_000


@pytest.fixture
def noise_image() -> Callable[[int], np.ndarray]:
    def draw(seed: int) -> np.ndarray:
        return np.random.default_rng(seed).integers(0, 256, (32, 32, 3), dtype=np.uint8)

    return draw

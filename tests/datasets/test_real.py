import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from suite.artifacts import BuildContext, DataPaths, Store
from suite.datasets.content import CONTENTS
from suite.datasets.locate import locate
from suite.datasets.real import INDICES, RealImages, RealSubset
from suite.engines.build import build_all
from suite.errors import BadData
from suite.images.image_set import IMAGES

MakeFolder = Callable[..., Path]


def real(data_paths: DataPaths, tmp_path: Path, split: str = "train", name: str = "pets", size: int = 8) -> RealImages:
    content = locate(name, data_paths, tmp_path / "cache").content
    counts = content.train if split == "train" else content.test
    return RealImages(dataset=name, content=content.id, split=split, size=size, per_class=counts)


def payload(store: Store, recipe: RealImages, data_paths: DataPaths) -> dict[str, bytes]:
    (artifact,) = build_all(store, [recipe], data_paths=data_paths)
    return {name: artifact.file(name).read_bytes() for name in artifact.manifest.files}


@pytest.mark.parametrize("splits", [{"train": 5, "test": 3}, {"": 10}])
@pytest.mark.parametrize("split", ["train", "test"])
def test_a_directory_and_its_zip_give_the_same_bytes(
    image_folder: MakeFolder, zipped: Callable[..., Path], tmp_path: Path, splits: dict[str, int], split: str
) -> None:
    folder = image_folder(splits=splits)
    (tmp_path / "zips").mkdir()
    zipped(folder, top="pets", to=tmp_path / "zips" / "pets.zip")
    made = []
    for root in ("data", "zips"):
        data_paths = DataPaths(data_roots=(tmp_path / root,))
        store = Store(tmp_path / f"store {root}")
        store.prepare()
        recipe = real(data_paths, tmp_path, split)
        made.append((recipe.key, payload(store, recipe, data_paths)))
    assert made[0] == made[1]


def test_images_are_decoded_ordered_and_resized(image_folder: MakeFolder, tmp_path: Path, store: Store) -> None:
    folder, data_paths = image_folder(), DataPaths(data_roots=(tmp_path / "data",))
    recipe = real(data_paths, tmp_path)
    build_all(store, [recipe], data_paths=data_paths)
    images = recipe.open(store)
    assert images.images.shape == (10, 8, 8, 3)
    assert images.labels.tolist() == [0] * 5 + [1] * 5
    assert recipe.counts == (5, 5)
    expected = {
        np.asarray(Image.open(path).resize((8, 8), Image.Resampling.BICUBIC)).tobytes()
        for path in (folder / "train" / "dog").iterdir()
    }
    assert {image.tobytes() for image in images.images[5:]} == expected


def test_images_of_the_right_size_keep_their_pixels(
    image_folder: MakeFolder, tmp_path: Path, store: Store, paint: Callable
) -> None:
    folder, data_paths = image_folder(), DataPaths(data_roots=(tmp_path / "data",))
    paint(77, size=(8, 8)).save(folder / "train" / "cat" / "0.png")
    recipe = real(data_paths, tmp_path)
    build_all(store, [recipe], data_paths=data_paths)
    assert np.asarray(paint(77, size=(8, 8))).tobytes() in {image.tobytes() for image in recipe.open(store).images}


def test_files_that_changed_since_planning_are_refused(
    image_folder: MakeFolder, tmp_path: Path, store: Store, paint: Callable
) -> None:
    folder, data_paths = image_folder(), DataPaths(data_roots=(tmp_path / "data",))
    train, test = real(data_paths, tmp_path), real(data_paths, tmp_path, "test")
    paint(99).save(folder / "train" / "cat" / "0.png")
    with pytest.raises(BadData, match=r"pets changed since the work was planned: start the run again"):
        build_all(store, [train], data_paths=data_paths)
    build_all(store, [test], data_paths=data_paths)


def test_images_that_changed_under_the_same_size_and_time_are_read_again(
    image_folder: MakeFolder, tmp_path: Path, store: Store, paint: Callable
) -> None:
    """The cached content blocked every later run."""
    folder, data_paths = image_folder(), DataPaths(data_roots=(tmp_path / "data",))
    image_folder("birds")
    image = folder / "train" / "cat" / "0.bmp"
    paint(98).save(image)
    cache = store.root / CONTENTS

    def recipe() -> RealImages:
        content = locate("pets", data_paths, cache).content
        return RealImages(dataset="pets", content=content.id, split="train", size=8, per_class=content.train)

    planned, birds = recipe(), locate("birds", data_paths, cache)
    state = image.stat()
    paint(99).save(image)
    os.utime(image, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert recipe() == planned, "the change is not seen by planning"
    with pytest.raises(BadData, match="changed since the work was planned: start the run again") as caught:
        build_all(store, [planned], data_paths=data_paths)
    assert "\n" not in str(caught.value)
    assert locate("birds", data_paths, cache, read=False) == birds, "other contents stay"
    build_all(store, [recipe()], data_paths=data_paths)


def test_groups_are_numbered_and_kept_whole(image_folder: MakeFolder, tmp_path: Path, store: Store) -> None:
    folder, data_paths = image_folder(splits={"train": 8, "test": 2}), DataPaths(data_roots=(tmp_path / "data",))
    rows = [f"train/{label}/{number}.png,L{number // 2}" for label in ("cat", "dog") for number in range(6)]
    (folder / "metadata.csv").write_text("\n".join(["file,lesion_id", *rows]))
    recipe = real(data_paths, tmp_path)
    (artifact,) = build_all(store, [recipe], data_paths=data_paths)
    groups = artifact.tensors(IMAGES)["groups"]
    assert sorted(groups.tolist()) == [-1] * 4 + sorted([0, 1, 2] * 4)
    parts = [
        RealSubset(images=recipe, part=part, validation=(3, 3), per_class=take, seed=1)
        for part, take in (("fit", (5, 5)), ("validation", (3, 3)))
    ]
    fit, validation = (artifact.tensors(INDICES)["indices"] for artifact in build_all(store, parts))
    assert not set(fit.tolist()) & set(validation.tolist())
    assert not set(groups[fit].tolist()) & set(groups[validation].tolist()) - {-1}


def test_fewer_images_than_requested(image_folder: MakeFolder, tmp_path: Path, store: Store) -> None:
    image_folder()
    data_paths = DataPaths(data_roots=(tmp_path / "data",))
    subset = RealSubset(images=real(data_paths, tmp_path), part="fit", validation=(1, 1), per_class=(4, 5), seed=0)
    with pytest.raises(BadData, match="pets has 4 fit images of class 1, fewer than the requested 5: request fewer"):
        build_all(store, [subset], data_paths=data_paths)


def stored(store: Store, labels: list[int], groups: list[int], number: int) -> RealImages:
    """Publish a split that has labels and groups but no images."""
    counts = tuple(np.bincount(labels, minlength=2).tolist())
    recipe = RealImages(dataset="x", content=f"{number}", split="train", size=1, per_class=counts)
    if store.find(recipe) is None:
        context = BuildContext(store, recipe, device="cpu", data_paths=DataPaths())
        context.write_tensors(IMAGES, {"labels": np.array(labels), "groups": np.array(groups)})
        store.publish(recipe, {})
    return recipe


@settings(max_examples=20)
@given(
    images=st.lists(st.tuples(st.integers(0, 1), st.integers(-4, 5)), min_size=2, max_size=40),
    validation_counts=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    seed=st.integers(0, 3),
)
def test_subsets_are_disjoint_exact_and_nested_and_keep_groups_whole(
    tmp_path: Path, images: list[tuple[int, int]], validation_counts: tuple[int, int], seed: int
) -> None:
    shutil.rmtree(tmp_path / "store", ignore_errors=True)
    store = Store(tmp_path / "store")
    store.prepare()
    labels, groups = [label for label, _ in images], [group for _, group in images]
    recipe = stored(store, labels, groups, 0)
    most = tuple(max(0, count - cut) for count, cut in zip(recipe.counts, validation_counts, strict=True))

    def indices(part: str, take: tuple[int, ...]) -> list[int]:
        subset = RealSubset(images=recipe, part=part, validation=validation_counts, per_class=take, seed=seed)
        (artifact,) = build_all(store, [subset])
        return artifact.tensors(INDICES)["indices"].tolist()

    every, half = indices("fit", most), indices("fit", tuple(count // 2 for count in most))
    assert set(half) <= set(every)
    for chosen, take in ((every, most), (half, tuple(count // 2 for count in most))):
        assert tuple(sum(labels[index] == label for index in chosen) for label in (0, 1)) == take
        assert len(set(chosen)) == len(chosen)
    try:
        validation = indices(
            "validation", tuple(min(cut, count) for cut, count in zip(validation_counts, recipe.counts, strict=True))
        )
    except BadData:  # no whole group fits the quota of a class
        assert max(groups) >= 0
        return
    assert not set(validation) & set(every)
    assert not {groups[i] for i in validation if groups[i] >= 0} & {groups[i] for i in every}
    assert indices("all", recipe.counts) == sorted(range(len(images)), key=lambda i: (labels[i], i))

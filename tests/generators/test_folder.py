import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from suite.artifacts import DataPaths, Store
from suite.compute import Compute
from suite.datasets.content import CONTENTS
from suite.datasets.decode import decode
from suite.datasets.imagenette import CLASSES
from suite.datasets.kept_pixels import delete_kept
from suite.datasets.real import RealImages
from suite.engines.build import build_all
from suite.errors import BadData, Unavailable
from suite.generators.folder import Folder, FolderImages
from suite.generators.generator import Request, generators
from suite.images.image_set import IMAGES
from suite.testing import GeneratorContract

PETS = ("cat", "dog")


def write_images(root: Path, classes: tuple[str, ...] = PETS, count: int = 6, size: int = 10) -> Path:
    """Write ``<root>/<class>/<number>.png``: red is the label, green the number; one corner is white."""
    for label, name in enumerate(classes):
        (root / name).mkdir(parents=True)
        for number in range(count):
            colour = (label, number, 0)
            image = Image.new("RGB", (size, size), colour)
            image.putpixel((size - 1, size - 1), (255, 255, 255))
            image.save(root / name / f"{number}.png")
    return root


def request(
    counts: tuple[int, ...] = (3, 2), seed: int = 0, classes: tuple[str, ...] = PETS, dataset: str = "pets"
) -> Request:
    real = RealImages(dataset=dataset, content="0" * 32, split="train", size=8, per_class=counts)
    return Request(
        real=real, dataset=dataset, classes=classes, prompts=(), size=8, counts=counts, seed=seed, compute=Compute()
    )


@pytest.fixture
def data_paths(tmp_path: Path) -> DataPaths:
    return DataPaths(cache=tmp_path / "cache", folders={"mine": write_images(tmp_path / "made")})


class TestContract(GeneratorContract):
    plugin = Folder

    @pytest.fixture(scope="class")
    @classmethod
    def data_paths(cls, tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
        root = tmp_path_factory.mktemp("folder")
        return DataPaths(cache=root / "cache", folders={"folder": write_images(root / "made", ("zero", "one", "two"))})


def plan(data_paths: DataPaths, folder_request: Request) -> FolderImages:
    folder = Folder("mine")
    recipe = folder.synthetic(folder_request, folder.configure({}, data_paths))
    assert isinstance(recipe, FolderImages)
    return recipe


def build_and_read(recipe: FolderImages, data_paths: DataPaths, store: Store) -> list[tuple[int, int]]:
    """Return label and number of each image, read from its colour; checks them against the labels."""
    build_all(store, [recipe], data_paths=data_paths)
    images = recipe.open(store)
    assert images.images.shape[1:] == (8, 8, 3)
    assert images.images[:, 0, 0, 0].tolist() == images.labels.tolist()
    return [(int(image[0, 0, 0]), int(image[0, 0, 1])) for image in images.images]


def error_of_plan(data_paths: DataPaths, folder_request: Request) -> str:
    with pytest.raises((BadData, Unavailable)) as caught:
        plan(data_paths, folder_request)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_folder_generator_is_registered() -> None:
    assert generators.get("folder").name == "folder"
    assert Folder("mine").name == "mine"


def test_a_sample_is_stratified_exact_and_seeded(data_paths: DataPaths, store: Store) -> None:
    recipes = [plan(data_paths, request(seed=seed)) for seed in range(8)]
    samples = [tuple(build_and_read(recipe, data_paths, store)) for recipe in recipes]
    for recipe, sample in zip(recipes, samples, strict=True):
        assert recipe.counts == (3, 2)
        assert [label for label, _ in sample] == [0, 0, 0, 1, 1]
        assert len(set(sample)) == 5
    assert len(set(samples)) > 4
    assert len({recipe.key for recipe in recipes}) == 8


def test_the_names_of_the_files_are_those_of_the_drawn_images(data_paths: DataPaths, store: Store) -> None:
    """Names are read beside the images: the same images under other names have the same key."""
    folder, recipe = Folder("mine"), plan(data_paths, request((3, 2), seed=4))
    build_all(store, [recipe], data_paths=data_paths)
    names = folder.source_names(recipe, folder.configure({}, data_paths))
    opened = recipe.open(store)
    assert [name.partition("/")[0] for name in names] == [PETS[label] for label in opened.labels]
    numbers = [int(image[0, 0, 1]) for image in opened.images]
    assert [int(Path(name).stem) for name in names] == numbers
    made = data_paths.folders["mine"]
    for path in list(made.rglob("*.png")):
        path.rename(path.with_name(f"new-{path.name}"))
    assert plan(data_paths, request((3, 2), seed=4)).key == recipe.key
    renamed = folder.source_names(recipe, folder.configure({}, data_paths))
    assert renamed == tuple(name.replace("/", "/new-") for name in names)


def test_drawing_all_images_does_not_depend_on_the_seed(data_paths: DataPaths, store: Store) -> None:
    all_images = request((6, 6))
    folder = Folder("mine")
    assert folder.available(all_images, folder.configure({}, data_paths)) == (6, 6)
    keys = {plan(data_paths, request((6, 6), seed=seed)).key for seed in range(3)}
    assert len(keys) == 1
    assert sorted(build_and_read(plan(data_paths, all_images), data_paths, store)) == [
        (label, number) for label in (0, 1) for number in range(6)
    ]


def test_a_folder_has_no_generator_seeds() -> None:
    assert not Folder.has_seeds
    assert generators.get("cd").has_seeds


def test_labels_have_the_order_of_the_dataset_not_of_the_folders(tmp_path: Path, store: Store) -> None:
    """Real and synthetic images must have the same label order."""
    classes = ("zebra", "ant", "cow")
    data_paths = DataPaths(cache=tmp_path / "cache", folders={"mine": write_images(tmp_path / "made", classes)})
    recipe = plan(data_paths, request((2, 2, 2), classes=classes))
    assert recipe.folders == classes
    assert {label for label, _ in build_and_read(recipe, data_paths, store)} == {0, 1, 2}


def test_wordnet_ids_and_other_spellings_are_matched(tmp_path: Path, store: Store) -> None:
    names = tuple(CLASSES.values())
    folders = (*tuple(CLASSES)[:5], "French_Horn", *names[6:])
    data_paths = DataPaths(
        cache=tmp_path / "cache", folders={"mine": write_images(tmp_path / "made", folders, count=1)}
    )
    recipe = plan(data_paths, request((1,) * 10, classes=names, dataset="imagenette"))
    assert recipe.folders == folders
    assert [label for label, _ in build_and_read(recipe, data_paths, store)] == list(range(10))


def test_a_zip_gives_the_same_key_and_images(data_paths: DataPaths, tmp_path: Path, store: Store) -> None:
    archive = shutil.make_archive(str(tmp_path / "made"), "zip", tmp_path, "made")
    zipped = data_paths.model_copy(update={"folders": {"mine": Path(archive)}})
    assert plan(data_paths, request()).key == plan(zipped, request()).key
    assert build_and_read(plan(zipped, request()), zipped, store) == build_and_read(
        plan(data_paths, request()), data_paths, store
    )


def test_planning_again_does_not_read_the_images(data_paths: DataPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    first = plan(data_paths, request())
    monkeypatch.setattr("suite.datasets.imagefolder.decode", None)
    assert plan(data_paths, request()) == first


def found(data_paths: DataPaths) -> tuple[str, ...]:
    folder = Folder("mine")
    return tuple(text for check in folder.checks(folder.configure({}, data_paths)) for text in check.found)


def test_usual_images_pass_every_check(data_paths: DataPaths) -> None:
    assert found(data_paths) == ()


def test_conversions_are_found(data_paths: DataPaths) -> None:
    Image.new("LA", (20, 30)).save(data_paths.folders["mine"] / "cat" / "0.png")
    assert found(data_paths) == (
        "images of one colour: 1 of class 'cat'",
        "2 sizes from 10x10 to 20x30 pixels",
        "transparency composited on white: 1 image",
    )


def test_repeated_unbalanced_and_ambiguous_images_are_found(data_paths: DataPaths) -> None:
    root = data_paths.folders["mine"]
    for number in range(4):
        shutil.copy(root / "cat" / "0.png", root / "cat" / f"again{number}.png")
    shutil.copy(root / "dog" / "5.png", root / "cat" / "dog.png")
    assert found(data_paths) == (
        "images with equal pixels and different labels: 1 (cat/dog.png = dog/5.png)",
        "12 different images of 17 (cat/dog.png = dog/5.png; cat/0.png = cat/again0.png = cat/again1.png)",
        "6 to 11 images per class (dog, cat)",
    )


def test_class_mismatches_show_folders_and_classes_side_by_side(data_paths: DataPaths) -> None:
    where = data_paths.folders["mine"]
    assert error_of_plan(data_paths, request(classes=("cat", "<emu>"))) == (
        f"{where} has class folders 'cat', 'dog', pets has the classes 'cat', '<emu>' "
        "(only in the folders: 'dog'; only in pets: '<emu>'): rename the folders"
    )
    assert "'cat', 'dog', pets has the classes 'cat', 'dog', 'emu'" in error_of_plan(
        data_paths, request((1, 1, 1), classes=(*PETS, "emu"))
    )


def test_too_few_images_are_an_error(data_paths: DataPaths) -> None:
    assert error_of_plan(data_paths, request((3, 7))) == (
        f"{data_paths.folders['mine']} has 6 images of class 'dog', but 7 are needed: add images or request fewer"
    )


def test_a_missing_folder_option_is_an_error(data_paths: DataPaths) -> None:
    with pytest.raises(Unavailable, match=r"generator folder has no images: give --synthetic folder=PATH"):
        Folder().configure({}, data_paths)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda root: shutil.rmtree(root), "is neither a directory nor a zip: check the path"),
        (lambda root: (root / "emu").mkdir(), "emu is an empty class folder"),
        (lambda root: (root / "cat" / "0.png").write_text("x"), "cat/0.png is not a readable image"),
        (lambda root: root.rename(root.with_name("cat")), "is neither a directory nor a zip"),
    ],
)
def test_invalid_folders_give_a_one_line_message(
    data_paths: DataPaths, damage: Callable[[Path], object], message: str
) -> None:
    plan(data_paths, request())
    damage(data_paths.folders["mine"])
    assert message in error_of_plan(data_paths, request())


def test_a_folder_with_train_and_test_is_refused(data_paths: DataPaths, tmp_path: Path) -> None:
    for split in ("train", "test"):
        shutil.copytree(data_paths.folders["mine"], tmp_path / "divided" / split)
    divided = data_paths.model_copy(update={"folders": {"mine": tmp_path / "divided"}})
    assert "is divided into train and test: give the folder that holds the class folders" in error_of_plan(
        divided, request()
    )


def test_images_that_changed_since_planning_are_refused(data_paths: DataPaths, store: Store) -> None:
    recipe = plan(data_paths, request())
    Image.new("RGB", (10, 10), "white").save(data_paths.folders["mine"] / "cat" / "0.png")
    with pytest.raises(BadData, match="changed since the work was planned: start the run again"):
        build_all(store, [recipe], data_paths=data_paths)
    with pytest.raises(Unavailable, match="--synthetic mine=PATH"):
        build_all(store, [recipe], data_paths=DataPaths())


def test_images_that_changed_under_the_same_size_and_time_are_read_again(data_paths: DataPaths, store: Store) -> None:
    """The cached content blocked every later run."""
    image = data_paths.folders["mine"] / "cat" / "6.bmp"
    Image.new("RGB", (10, 10), (0, 6, 0)).save(image)
    planned, state = plan(data_paths, request()), image.stat()
    Image.new("RGB", (10, 10), (0, 7, 0)).save(image)
    os.utime(image, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert plan(data_paths, request()) == planned, "the change is not seen by planning"
    delete_kept(data_paths.cache / CONTENTS)
    with pytest.raises(BadData, match="changed since the work was planned: start the run again"):
        build_all(store, [planned], data_paths=data_paths)
    build_all(store, [plan(data_paths, request())], data_paths=data_paths)


def test_a_folder_is_decoded_once_for_all_its_samples(
    data_paths: DataPaths, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names: list[str] = []

    def counted(data: bytes, name: str) -> object:
        names.append(name)
        return decode(data, name)

    monkeypatch.setattr("suite.datasets.imagefolder.decode", counted)
    recipes = [plan(data_paths, request(seed=seed)) for seed in range(3)]
    kept = [build_all(store, [recipe], data_paths=data_paths)[0].file(IMAGES).read_bytes() for recipe in recipes]
    assert len(names) == len(set(names)) == 12
    delete_kept(data_paths.cache / CONTENTS)
    other = Store(tmp_path / "other")
    other.prepare()
    read = [build_all(other, [recipe], data_paths=data_paths)[0].file(IMAGES).read_bytes() for recipe in recipes]
    assert len(names) == 4 * 12
    assert kept == read

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from suite.artifacts import DataPaths, Store
from suite.compute import Compute
from suite.datasets.imagenette import CLASSES
from suite.datasets.real import RealImages
from suite.engines.build import build_all
from suite.errors import BadData, Unavailable
from suite.generators.folder import Folder, FolderImages, FolderSettings
from suite.generators.generator import Request, generators
from suite.testing import GeneratorContract

PETS = ("cat", "dog")


def made(root: Path, classes: tuple[str, ...] = PETS, count: int = 6, size: int = 10) -> Path:
    """Make ``<root>/<class>/<number>.png``: the red of an image is its class, its green its number."""
    for label, name in enumerate(classes):
        (root / name).mkdir(parents=True)
        for number in range(count):
            colour = (label, number, 0)
            Image.new("RGB", (size, size), colour).save(root / name / f"{number}.png")
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
    return DataPaths(cache=tmp_path / "cache", folders={"mine": made(tmp_path / "made")})


class TestContract(GeneratorContract):
    plugin = Folder

    @pytest.fixture(scope="class")
    @classmethod
    def data_paths(cls, tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
        root = tmp_path_factory.mktemp("folder")
        return DataPaths(cache=root / "cache", folders={"folder": made(root / "made", ("zero", "one", "two"))})


def planned(data_paths: DataPaths, wanted: Request) -> FolderImages:
    folder = Folder("mine")
    recipe = folder.synthetic(wanted, folder.configure({}, data_paths))
    assert isinstance(recipe, FolderImages)
    return recipe


def drawn(recipe: FolderImages, data_paths: DataPaths, store: Store) -> list[tuple[int, int]]:
    """Return the class and number painted on each image; checks them against the labels."""
    build_all(store, [recipe], data_paths=data_paths)
    images = recipe.open(store)
    assert images.images.shape[1:] == (8, 8, 3)
    assert images.images[:, 0, 0, 0].tolist() == images.labels.tolist()
    return [(int(image[0, 0, 0]), int(image[0, 0, 1])) for image in images.images]


def refusal(data_paths: DataPaths, wanted: Request) -> str:
    with pytest.raises((BadData, Unavailable)) as caught:
        planned(data_paths, wanted)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_it_is_registered() -> None:
    assert generators.get("folder").name == "folder"
    assert Folder("mine").name == "mine"


def test_a_draw_is_stratified_exact_and_seeded(data_paths: DataPaths, store: Store) -> None:
    recipes = [planned(data_paths, request(seed=seed)) for seed in range(8)]
    draws = [tuple(drawn(recipe, data_paths, store)) for recipe in recipes]
    for recipe, draw in zip(recipes, draws, strict=True):
        assert recipe.counts == (3, 2)
        assert [label for label, _ in draw] == [0, 0, 0, 1, 1]
        assert len(set(draw)) == 5
    assert len(set(draws)) > 4
    assert len({recipe.key for recipe in recipes}) == 8


def test_all_images_need_no_seed(data_paths: DataPaths, store: Store) -> None:
    wanted = request((6, 6))
    folder = Folder("mine")
    assert folder.available(wanted, folder.configure({}, data_paths)) == (6, 6)
    recipes = {planned(data_paths, request((6, 6), seed=seed)).key for seed in range(3)}
    assert len(recipes) == 1
    assert sorted(drawn(planned(data_paths, wanted), data_paths, store)) == [
        (label, n) for label in (0, 1) for n in range(6)
    ]


def test_labels_follow_the_datasets_order_not_the_folders(tmp_path: Path, store: Store) -> None:
    """The label order of real and synthetic images cannot differ."""
    classes = ("zebra", "ant", "cow")
    data_paths = DataPaths(cache=tmp_path / "cache", folders={"mine": made(tmp_path / "made", classes)})
    recipe = planned(data_paths, request((2, 2, 2), classes=classes))
    assert recipe.folders == classes
    assert {label for label, _ in drawn(recipe, data_paths, store)} == {0, 1, 2}


def test_wordnet_ids_and_other_spellings_are_understood(tmp_path: Path, store: Store) -> None:
    names = tuple(CLASSES.values())
    spelled = (*tuple(CLASSES)[:5], "French_Horn", *names[6:])
    data_paths = DataPaths(cache=tmp_path / "cache", folders={"mine": made(tmp_path / "made", spelled, count=1)})
    recipe = planned(data_paths, request((1,) * 10, classes=names, dataset="imagenette"))
    assert recipe.folders == spelled
    assert [label for label, _ in drawn(recipe, data_paths, store)] == list(range(10))


def test_a_zip_of_it_is_the_same(data_paths: DataPaths, tmp_path: Path, store: Store) -> None:
    archive = shutil.make_archive(str(tmp_path / "made"), "zip", tmp_path, "made")
    zipped = data_paths.model_copy(update={"folders": {"mine": Path(archive)}})
    assert planned(data_paths, request()).key == planned(zipped, request()).key
    assert drawn(planned(zipped, request()), zipped, store) == drawn(planned(data_paths, request()), data_paths, store)


def test_planning_again_reads_no_image(data_paths: DataPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    first = planned(data_paths, request())
    monkeypatch.setattr("suite.datasets.imagefolder.decode", None)
    assert planned(data_paths, request()) == first


def test_conversions_are_said(data_paths: DataPaths) -> None:
    Image.new("LA", (20, 30)).save(data_paths.folders["mine"] / "cat" / "0.png")
    settings = Folder("mine").configure({}, data_paths)
    assert isinstance(settings, FolderSettings)
    assert settings.content.remarks == (
        "2 sizes from 10x10 to 20x30 pixels",
        "transparency composited on white: 1 image",
    )


def test_a_mismatch_of_classes_is_shown_side_by_side(data_paths: DataPaths) -> None:
    where = data_paths.folders["mine"]
    assert refusal(data_paths, request(classes=("cat", "<emu>"))) == (
        f"{where} has class folders 'cat', 'dog', pets has the classes 'cat', '<emu>' "
        "(only there: 'dog'; only in pets: '<emu>'): rename the folders"
    )
    assert "'cat', 'dog', pets has the classes 'cat', 'dog', 'emu'" in refusal(
        data_paths, request((1, 1, 1), classes=(*PETS, "emu"))
    )


def test_fewer_images_than_asked_for(data_paths: DataPaths) -> None:
    assert refusal(data_paths, request((3, 7))) == (
        f"{data_paths.folders['mine']} has 6 images of class 'dog', 7 are asked for: add images, or ask for fewer"
    )


def test_no_folder_given(data_paths: DataPaths) -> None:
    with pytest.raises(Unavailable, match=r"generator folder needs images that exist: --synthetic folder=PATH"):
        Folder().configure({}, data_paths)


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (lambda root: shutil.rmtree(root), "is neither a directory nor a zip: check the path"),
        (lambda root: (root / "emu").mkdir(), "emu is an empty class folder"),
        (lambda root: (root / "cat" / "0.png").write_text("x"), "cat/0.png is no image that can be read"),
        (lambda root: root.rename(root.with_name("cat")), "is neither a directory nor a zip"),
    ],
)
def test_bad_folders_end_in_one_line(data_paths: DataPaths, spoil: Callable[[Path], object], line: str) -> None:
    planned(data_paths, request())
    spoil(data_paths.folders["mine"])
    assert line in refusal(data_paths, request())


def test_a_divided_folder_is_refused(data_paths: DataPaths, tmp_path: Path) -> None:
    for split in ("train", "test"):
        shutil.copytree(data_paths.folders["mine"], tmp_path / "divided" / split)
    divided = data_paths.model_copy(update={"folders": {"mine": tmp_path / "divided"}})
    assert "is divided into train and test: give the folder that holds the class folders" in refusal(divided, request())


def test_images_that_changed_since_planning_are_refused(data_paths: DataPaths, store: Store) -> None:
    recipe = planned(data_paths, request())
    Image.new("RGB", (10, 10), "white").save(data_paths.folders["mine"] / "cat" / "0.png")
    with pytest.raises(BadData, match="changed since the work was planned: start the run again"):
        build_all(store, [recipe], data_paths=data_paths)
    with pytest.raises(Unavailable, match="--synthetic mine=PATH"):
        build_all(store, [recipe], data_paths=DataPaths())

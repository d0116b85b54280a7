import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from suite.artifacts import Places, Store
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
def places(tmp_path: Path) -> Places:
    return Places(cache=tmp_path / "cache", folders={"mine": made(tmp_path / "made")})


class TestContract(GeneratorContract):
    plugin = Folder

    @pytest.fixture(scope="class")
    @classmethod
    def places(cls, tmp_path_factory: pytest.TempPathFactory) -> Places:
        root = tmp_path_factory.mktemp("folder")
        return Places(cache=root / "cache", folders={"folder": made(root / "made", ("zero", "one", "two"))})


def planned(places: Places, wanted: Request) -> FolderImages:
    folder = Folder("mine")
    recipe = folder.synthetic(wanted, folder.configure({}, places))
    assert isinstance(recipe, FolderImages)
    return recipe


def drawn(recipe: FolderImages, places: Places, store: Store) -> list[tuple[int, int]]:
    """Return the class and number painted on each image; checks them against the labels."""
    build_all(store, [recipe], places=places)
    images = recipe.open(store)
    assert images.images.shape[1:] == (8, 8, 3)
    assert images.images[:, 0, 0, 0].tolist() == images.labels.tolist()
    return [(int(image[0, 0, 0]), int(image[0, 0, 1])) for image in images.images]


def refusal(places: Places, wanted: Request) -> str:
    with pytest.raises((BadData, Unavailable)) as caught:
        planned(places, wanted)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_it_is_registered() -> None:
    assert generators.get("folder").name == "folder"
    assert Folder("mine").name == "mine"


def test_a_draw_is_stratified_exact_and_seeded(places: Places, store: Store) -> None:
    recipes = [planned(places, request(seed=seed)) for seed in range(8)]
    draws = [tuple(drawn(recipe, places, store)) for recipe in recipes]
    for recipe, draw in zip(recipes, draws, strict=True):
        assert recipe.counts == (3, 2)
        assert [label for label, _ in draw] == [0, 0, 0, 1, 1]
        assert len(set(draw)) == 5
    assert len(set(draws)) > 4
    assert len({recipe.key for recipe in recipes}) == 8


def test_all_images_need_no_seed(places: Places, store: Store) -> None:
    wanted = request((6, 6))
    folder = Folder("mine")
    assert folder.available(wanted, folder.configure({}, places)) == (6, 6)
    recipes = {planned(places, request((6, 6), seed=seed)).key for seed in range(3)}
    assert len(recipes) == 1
    assert sorted(drawn(planned(places, wanted), places, store)) == [(label, n) for label in (0, 1) for n in range(6)]


def test_labels_follow_the_datasets_order_not_the_folders(tmp_path: Path, store: Store) -> None:
    """The label order of real and synthetic images cannot differ."""
    classes = ("zebra", "ant", "cow")
    places = Places(cache=tmp_path / "cache", folders={"mine": made(tmp_path / "made", classes)})
    recipe = planned(places, request((2, 2, 2), classes=classes))
    assert recipe.folders == classes
    assert {label for label, _ in drawn(recipe, places, store)} == {0, 1, 2}


def test_wordnet_ids_and_other_spellings_are_understood(tmp_path: Path, store: Store) -> None:
    names = tuple(CLASSES.values())
    spelled = (*tuple(CLASSES)[:5], "French_Horn", *names[6:])
    places = Places(cache=tmp_path / "cache", folders={"mine": made(tmp_path / "made", spelled, count=1)})
    recipe = planned(places, request((1,) * 10, classes=names, dataset="imagenette"))
    assert recipe.folders == spelled
    assert [label for label, _ in drawn(recipe, places, store)] == list(range(10))


def test_a_zip_of_it_is_the_same(places: Places, tmp_path: Path, store: Store) -> None:
    archive = shutil.make_archive(str(tmp_path / "made"), "zip", tmp_path, "made")
    zipped = places.model_copy(update={"folders": {"mine": Path(archive)}})
    assert planned(places, request()).key == planned(zipped, request()).key
    assert drawn(planned(zipped, request()), zipped, store) == drawn(planned(places, request()), places, store)


def test_planning_again_reads_no_image(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    first = planned(places, request())
    monkeypatch.setattr("suite.datasets.imagefolder.decode", None)
    assert planned(places, request()) == first


def test_conversions_are_said(places: Places) -> None:
    Image.new("LA", (20, 30)).save(places.folders["mine"] / "cat" / "0.png")
    settings = Folder("mine").configure({}, places)
    assert isinstance(settings, FolderSettings)
    assert settings.content.remarks == (
        "2 sizes from 10x10 to 20x30 pixels",
        "transparency composited on white: 1 image",
    )


def test_a_mismatch_of_classes_is_shown_side_by_side(places: Places) -> None:
    where = places.folders["mine"]
    assert refusal(places, request(classes=("cat", "<emu>"))) == (
        f"{where} has class folders 'cat', 'dog', pets has the classes 'cat', '<emu>' "
        "(only there: 'dog'; only in pets: '<emu>'): rename the folders"
    )
    assert "'cat', 'dog', pets has the classes 'cat', 'dog', 'emu'" in refusal(
        places, request((1, 1, 1), classes=(*PETS, "emu"))
    )


def test_fewer_images_than_asked_for(places: Places) -> None:
    assert refusal(places, request((3, 7))) == (
        f"{places.folders['mine']} has 6 images of class 'dog', 7 are asked for: add images, or ask for fewer"
    )


def test_no_folder_given(places: Places) -> None:
    with pytest.raises(Unavailable, match=r"generator folder needs images that exist: --synthetic folder=PATH"):
        Folder().configure({}, places)


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (lambda root: shutil.rmtree(root), "is neither a directory nor a zip: check the path"),
        (lambda root: (root / "emu").mkdir(), "emu is an empty class folder"),
        (lambda root: (root / "cat" / "0.png").write_text("x"), "cat/0.png is no image that can be read"),
        (lambda root: root.rename(root.with_name("cat")), "is neither a directory nor a zip"),
    ],
)
def test_bad_folders_end_in_one_line(places: Places, spoil: Callable[[Path], object], line: str) -> None:
    planned(places, request())
    spoil(places.folders["mine"])
    assert line in refusal(places, request())


def test_a_divided_folder_is_refused(places: Places, tmp_path: Path) -> None:
    for split in ("train", "test"):
        shutil.copytree(places.folders["mine"], tmp_path / "divided" / split)
    divided = places.model_copy(update={"folders": {"mine": tmp_path / "divided"}})
    assert "is divided into train and test: give the folder that holds the class folders" in refusal(divided, request())


def test_images_that_changed_since_planning_are_refused(places: Places, store: Store) -> None:
    recipe = planned(places, request())
    Image.new("RGB", (10, 10), "white").save(places.folders["mine"] / "cat" / "0.png")
    with pytest.raises(BadData, match="changed since the work was planned: start the run again"):
        build_all(store, [recipe], places=places)
    with pytest.raises(Unavailable, match="--synthetic mine=PATH"):
        build_all(store, [recipe], places=Places())

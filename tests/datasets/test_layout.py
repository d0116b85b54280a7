from pathlib import Path

import pytest

from suite.datasets.archive import open_files
from suite.datasets.layout import EXPECTED, Layout, read_layout
from suite.errors import BadData


def tree(root: Path, *names: str) -> Path:
    """Make files; names that end in a slash are folders."""
    for name in names:
        path = root / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_bytes(b"x")
    return root


def layout(root: Path, *names: str) -> Layout:
    return read_layout(open_files(tree(root, *names)))


def joined(files: tuple[tuple[str, ...], ...] | None) -> list[str] | None:
    return None if files is None else ["/".join(parts) for parts in files]


def refusal(root: Path, *names: str) -> str:
    with pytest.raises(BadData) as caught:
        layout(root, *names)
    line = str(caught.value)
    assert str(root) in line
    assert "\n" not in line
    return line


VALID = ("train/cat/1", "train/dog/1", "test/cat/2", "test/dog/2")


@pytest.mark.parametrize("held_out", ["test", "Test", "testing", "val", "valid", "validation"])
@pytest.mark.parametrize("top", ["", "pets/", "a/b/"])
def test_split_class_file(tmp_path: Path, held_out: str, top: str) -> None:
    found = layout(tmp_path, *(top + name.replace("test", held_out) for name in VALID))
    assert found.folders == ("cat", "dog")
    assert joined(found.train) == [top + name for name in ("train/cat/1", "train/dog/1")]
    assert joined(found.test) == [top + f"{held_out}/{name}" for name in ("cat/2", "dog/2")]
    assert found.remarks == ()


@pytest.mark.parametrize("top", ["", "pets/", "train/"])
def test_class_file_has_no_split(tmp_path: Path, top: str) -> None:
    found = layout(tmp_path, *(top + name for name in ("cat/1", "cat/2", "dog/1")))
    assert found.folders == ("cat", "dog")
    assert len(found.train) == 3
    assert found.test is None


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    assert layout(tmp_path, "train/1", "plane/1", "test/1").folders == ("plane", "test", "train")


def test_validation_joins_train_if_there_is_a_test_split(tmp_path: Path) -> None:
    found = layout(tmp_path, *VALID, "val/cat/3", "val/dog/3")
    assert joined(found.train) == ["train/cat/1", "train/dog/1", "val/cat/3", "val/dog/3"]
    assert joined(found.test) == ["test/cat/2", "test/dog/2"]
    assert found.remarks == ("images in 'val' join the training images, those in 'test' are held out",)


def test_files_outside_the_class_folders_are_left_out_with_a_remark(tmp_path: Path) -> None:
    found = layout(tmp_path, *VALID, "README.md", "train/labels.txt", "metadata.csv", "train/metadata.csv", ".hidden")
    assert len(found.train) == 2
    assert joined(found.metadata) == ["metadata.csv", "train/metadata.csv"]
    assert found.remarks == (
        "files outside the class folders left out: 'README.md', 'train/labels.txt'",
        "hidden files left out: 1",
    )


def test_text_files_beside_images_are_left_out_with_a_remark(tmp_path: Path) -> None:
    names = ("cat/1", "cat/prompt.TXT", "cat/1.json", "dog/1", "dog/metadata.csv")
    found = layout(tmp_path, *names)
    assert joined(found.train) == ["cat/1", "dog/1"]
    assert found.remarks == ("text and table files beside the images left out: 3",)


def test_a_test_folder_without_a_train_folder_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "test/cat/1", "test/dog/1") == f"{tmp_path} has 'test' and no train folder: {EXPECTED}"


def test_the_expected_layout_of_a_set_without_splits_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"has no class folders: lay the images out as <class>/<file>$"):
        read_layout(open_files(tree(tmp_path, "1.png")), whole=True)


def test_a_folder_without_class_folders_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "1.png", "2.png") == f"{tmp_path} has no class folders: {EXPECTED}"


def test_a_single_class_is_refused(tmp_path: Path) -> None:
    for names in (("cat/1",), ("train/cat/1", "test/cat/2")):
        assert "has one class only ('cat'): a classifier needs at least two; " in refusal(
            tmp_path / str(len(names)), *names
        )


def test_an_empty_class_folder_is_refused(tmp_path: Path) -> None:
    line = refusal(tmp_path, *VALID, "train/bird/", "test/bird/3")
    assert line == f"{tmp_path}/train/bird is an empty class folder: add images or remove the class"
    (tmp_path / "train/bird/1").write_bytes(b"x")
    (tmp_path / "test/bird/3").rename(tmp_path / "test/bird/.hidden")
    assert refusal(tmp_path).startswith(f"{tmp_path}/test/bird is an empty class folder")


def test_different_classes_in_train_and_test_are_refused(tmp_path: Path) -> None:
    line = refusal(tmp_path, *VALID, "train/bird/1", "test/emu/1")
    assert line.startswith(f"{tmp_path} has different classes in its splits (train only: 'bird'; held out only: 'emu')")
    assert "every class needs images in both" in line
    assert "held out only: none" in refusal(tmp_path / "x", *VALID, "train/bird/1")


def test_split_folders_with_other_names_are_refused(tmp_path: Path) -> None:
    assert "images_test/cat/1 is too deep" in refusal(tmp_path, "images_train/cat/1", "images_test/cat/1")
    assert "has 'unlabelled' beside its split folders" in refusal(tmp_path / "x", *VALID, "unlabelled/1")


def test_images_below_their_class_folder_are_refused(tmp_path: Path) -> None:
    assert "train/cat/more/1 is too deep" in refusal(tmp_path, *VALID, "train/cat/more/1")


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Cat", "cat"),
        ("fire truck", "fire_truck"),
        ("a-b", "a  b"),
        ("cat", "cat "),
        ("Straße", "strasse"),
        ("cat", "\uff43at"),
        ("\u2460", "1"),
        ("\U0001d400", "a"),
    ],
)
def test_two_spellings_of_one_class_are_refused(tmp_path: Path, first: str, second: str, whole: bool) -> None:
    """Half of the images were lost without a word if they were synthetic, and half a class if they were real."""
    with pytest.raises(BadData, match="which are two spellings of one name: put their images into one") as caught:
        read_layout(open_files(tree(tmp_path, f"{first}/1", f"{second}/1", "dog/1")), whole=whole)
    assert f"'{first}'" in str(caught.value)
    assert f"'{second}'" in str(caught.value)


def test_similar_class_names_are_accepted(tmp_path: Path) -> None:
    names = ("1", "10", "cat", "cats", "fire truck", "firetruck", "e", "é")
    assert layout(tmp_path, *(f"{name}/1" for name in names)).folders == tuple(sorted(names))


@pytest.mark.parametrize("name", ["two\nlines", "bell\a", "tab\t", "line\u2028end", "back\rspace"])
def test_unprintable_class_names_are_refused(tmp_path: Path, name: str) -> None:
    line = refusal(tmp_path, "cat/1", "dog/1", f"{name}/1")
    assert line.isprintable()
    assert "with unprintable characters: rename it" in line


def test_undecodable_class_names_are_refused(tmp_path: Path) -> None:
    assert "with unprintable characters: rename it" in refusal(tmp_path, "cat/1", "dog/1", "na\udcffme/1")


@pytest.mark.parametrize(
    "name", ['"quoted"', "it's", "<script>alert(1)<", "{}", "%s", "a & b", "\\frac", "[x]", "小猫", "a b"]
)
def test_quotes_and_markup_are_allowed_in_names(tmp_path: Path, name: str) -> None:
    assert name in layout(tmp_path, "cat/1", f"{name}/1").folders

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from suite.datasets.content import Content, load_content
from suite.datasets.dataset import Example
from suite.datasets.digits import DigitsSource
from suite.datasets.imagefolder import ImageFolder
from suite.datasets.index import index_images
from suite.errors import BadData, Unavailable

MakeFolder = Callable[..., Path]


def content(path: Path, tmp_path: Path) -> Content:
    return load_content(ImageFolder(path), tmp_path / "cache")


def texts(found: Content) -> tuple[str, ...]:
    """Return what the checks on the images found."""
    return tuple(text for check in found.checks for text in check.found)


def names(path: Path) -> dict[str, list[str]]:
    """Return the file names of each split."""
    images = index_images(ImageFolder(path), lambda example: Path(example.name).relative_to(path).as_posix())
    return {split: [image.value for image in part] for split, part in images.items()}


def test_content_of_a_folder(image_folder: MakeFolder, tmp_path: Path) -> None:
    found = content(image_folder(), tmp_path)
    assert found.classes == ("cat", "dog")
    assert (found.train, found.test, found.grouped, texts(found)) == ((5, 5), (3, 3), False, ())
    assert len(found.id) == 32


@pytest.mark.parametrize("splits", [{"train": 5, "val": 3}, {"": 10}])
def test_a_directory_and_its_zip_have_the_same_content(
    image_folder: MakeFolder, zipped: Callable[..., Path], tmp_path: Path, splits: dict[str, int]
) -> None:
    folder = image_folder(splits=splits)
    (folder / "README").write_text("loose")
    (folder / "cat" if "" in splits else folder / "train").joinpath(".DS_Store").write_text("hidden")
    first = content(folder, tmp_path)
    assert first == content(zipped(folder), tmp_path)
    deep = content(zipped(folder, top="a/b", to=tmp_path / "deep.zip"), tmp_path)
    assert first.model_copy(update={"checks": ()}) == deep.model_copy(update={"checks": ()})


@pytest.mark.parametrize("splits", [{"train": 5, "test": 3}, {"": 10}])
def test_names_order_and_format_of_files_do_not_matter(
    image_folder: MakeFolder, tmp_path: Path, splits: dict[str, int]
) -> None:
    folder = image_folder(splits=splits)
    other = tmp_path / "other"
    for path in folder.rglob("*.png"):
        target = other / path.relative_to(folder).with_name(f"{9 - int(path.stem)}.webp")
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.open(path).save(target, lossless=True)
    assert content(folder, tmp_path) == content(other, tmp_path)


def test_pixels_labels_groups_and_class_names_change_the_id(
    image_folder: MakeFolder, tmp_path: Path, paint: Callable
) -> None:
    folder = image_folder()
    ids = [content(folder, tmp_path).id]
    paint(99).save(folder / "train" / "cat" / "0.png")
    ids.append(content(folder, tmp_path).id)
    shutil.move(folder / "train" / "cat" / "1.png", folder / "train" / "dog" / "9.png")
    ids.append(content(folder, tmp_path).id)
    (folder / "metadata.csv").write_text("file,group\ntrain/cat/0.png,A\n")
    ids.append(content(folder, tmp_path).id)
    for split in ("train", "test"):
        (folder / split / "dog").rename(folder / split / "emu")
    ids.append(content(folder, tmp_path).id)
    assert len(set(ids)) == len(ids)
    assert ids[0][16:] == ids[1][16:] == ids[2][16:]  # the test half does not depend on train


def test_content_is_cached_until_files_change(image_folder: MakeFolder, tmp_path: Path) -> None:
    folder = image_folder()
    steps: list[tuple[int, int]] = []

    def read() -> Content:
        return load_content(ImageFolder(folder), tmp_path / "cache", on_progress=lambda *step: steps.append(step))

    first = read()
    assert steps == [(done, 16) for done in range(1, 17)]
    assert read() == first
    assert len(steps) == 16
    (folder / "test" / "dog" / "0.png").unlink()
    assert read().test == (3, 2)
    assert len(steps) == 31


def test_a_damaged_cache_file_is_replaced(image_folder: MakeFolder, tmp_path: Path) -> None:
    folder = image_folder()
    first = content(folder, tmp_path)
    (file,) = (tmp_path / "cache").iterdir()
    file.write_text("{")
    assert content(folder, tmp_path) == first


def test_uncached_content_is_unavailable_if_reading_is_not_allowed(image_folder: MakeFolder, tmp_path: Path) -> None:
    source = ImageFolder(image_folder())
    with pytest.raises(Unavailable, match="was not read yet"):
        load_content(source, tmp_path / "cache", read=False)
    assert load_content(source, tmp_path / "cache") == load_content(source, tmp_path / "cache", read=False)


def test_folders_without_a_split_are_divided_within_each_class(image_folder: MakeFolder, tmp_path: Path) -> None:
    folder = image_folder(splits={"": 10}, classes=("cat", "dog", "emu"))
    (folder / "emu" / "0.png").unlink()
    found = content(folder, tmp_path)
    assert (found.train, found.test) == ((8, 8, 7), (2, 2, 2))
    assert texts(found) == (
        "7 to 8 training images per class (emu, dog)",
        "no test folder: 20% of each class held out; a generator trained on all images has seen these",
    )
    split = names(folder)
    assert not set(split["train"]) & set(split["test"])
    assert split == names(folder)


def test_groups_are_kept_in_one_split(image_folder: MakeFolder, tmp_path: Path) -> None:
    folder = image_folder(splits={"": 20})
    rows = [f"{label}/{number}.png,P{number % 10}" for label in ("cat", "dog") for number in range(20)]
    (folder / "metadata.csv").write_text("\n".join(["file,patient_id", *rows]))
    found = content(folder, tmp_path)
    assert found.grouped
    assert (found.train, found.test) == ((16, 16), (4, 4))
    patients = [{int(Path(name).stem) % 10 for name in part} for part in names(folder).values()]
    assert not patients[0] & patients[1]


def test_equal_images_are_kept_in_one_split(image_folder: MakeFolder) -> None:
    folder = image_folder(splits={"": 15})
    for number in range(15):
        shutil.copy(folder / "cat" / f"{number}.png", folder / "cat" / f"{number}b.png")
    split = names(folder)
    assert len(split["test"]) == 9
    originals = [{Path(name).stem.removesuffix("b") for name in part if "cat" in name} for part in split.values()]
    assert not originals[0] & originals[1]


def test_test_images_equal_to_training_images_are_counted(image_folder: MakeFolder, tmp_path: Path) -> None:
    folder = image_folder()
    assert texts(content(folder, tmp_path)) == ()
    for number in (0, 1):
        shutil.copy(folder / "train" / "cat" / "0.png", folder / "test" / "dog" / f"again{number}.png")
    leaks = "2 of 8 test images are in the train split too, pixel for pixel (train/cat/0.png = test/dog/"
    assert any(text.startswith(leaks) for text in texts(content(folder, tmp_path))), "also if the classes differ"


def test_a_class_that_cannot_be_divided_is_refused(image_folder: MakeFolder, tmp_path: Path) -> None:
    folder = image_folder(splits={"": 4})
    (folder / "metadata.csv").write_text("file,group\n" + "".join(f"cat/{number}.png,A\n" for number in range(4)))
    with pytest.raises(BadData, match=r"has 4 images of class 'cat', which cannot be divided .*test folders") as caught:
        content(folder, tmp_path)
    assert str(folder) in str(caught.value)


def test_a_group_in_both_split_folders_is_refused(image_folder: MakeFolder, tmp_path: Path) -> None:
    folder = image_folder()
    (folder / "metadata.csv").write_text("file,lesion_id\ntrain/cat/0.png,L1\ntest/cat/0.png,L1\n")
    with pytest.raises(BadData, match=r"images of one group in train and test \('L1'\): move each group to one split"):
        content(folder, tmp_path)


def test_conversions_and_sizes_are_remarks(image_folder: MakeFolder, tmp_path: Path, paint: Callable) -> None:
    folder = image_folder()
    paint(98).convert("L").save(folder / "train" / "cat" / "0.png")
    paint(99).convert("L").save(folder / "test" / "cat" / "0.png")
    paint(97, size=(40, 30)).quantize(4).save(folder / "train" / "dog" / "0.png")
    assert texts(content(folder, tmp_path)) == (
        "2 sizes from 12x10 to 40x30 pixels",
        "greyscale: 2 images",
        "palette: 1 image",
    )


def test_images_of_one_colour_are_counted_by_class(image_folder: MakeFolder, tmp_path: Path) -> None:
    folder = image_folder()
    for split, label, number in (("train", "cat", 0), ("test", "cat", 1)):
        Image.new("RGB", (12, 10), (number, 9, 9)).save(folder / split / label / f"{number}.png")
    for number, path in enumerate(sorted(folder.glob("*/dog/*"))):
        Image.new("RGB", (12, 10), (9, 9, number)).save(path)
    expected = "images of one colour: 2 of class 'cat', all 8 of class 'dog'"
    assert texts(content(folder, tmp_path)) == (expected,)


def test_images_of_one_colour_in_many_classes_are_one_short_remark(image_folder: MakeFolder, tmp_path: Path) -> None:
    folder = image_folder(classes=tuple("abcdefgh"))
    for number, path in enumerate(sorted(folder.glob("train/*/0.png"))):
        Image.new("RGB", (12, 10), (number, 9, 9)).save(path)
    (remark,) = texts(content(folder, tmp_path))
    assert remark.startswith("images of one colour: 1 of class 'a', 1 of class 'b', ")
    assert remark.endswith(", 1 of class 'f' and 2 more classes")


def test_very_elongated_images_are_counted(image_folder: MakeFolder, tmp_path: Path, paint: Callable) -> None:
    folder = image_folder()
    paint(1, size=(40, 2)).save(folder / "train" / "cat" / "1.png")
    assert texts(content(folder, tmp_path)) == ("2 sizes from 40x2 to 12x10 pixels",)
    paint(1, size=(2000, 1)).save(folder / "train" / "cat" / "1.png")
    paint(1, size=(2, 41)).save(folder / "test" / "dog" / "1.png")
    assert texts(content(folder, tmp_path))[:1] == ("very elongated images: 2 (train/cat/1.png)",)


def save_sixteen_bit(path: Path, largest: int) -> None:
    Image.fromarray(np.linspace(0, largest, 120).astype(np.uint16).reshape(10, 12)).save(path)


@pytest.mark.parametrize("largest", [[255, 100], [65535, 5000]])
def test_16_bit_files_with_one_range_of_values_are_read(
    image_folder: MakeFolder, tmp_path: Path, largest: list[int]
) -> None:
    folder = image_folder()
    for number, value in enumerate(largest):
        save_sixteen_bit(folder / "train" / "cat" / f"{number}.png", value)
    Image.fromarray(np.zeros((10, 12), np.uint16)).save(folder / "test" / "dog" / "0.png")
    note = "16-bit file with 8-bit values" if largest[0] == 255 else "16-bit, high byte kept"
    assert {f"{note}: 2 images", "16-bit, all values 0: 1 image"} <= set(texts(content(folder, tmp_path)))


def test_16_bit_files_with_two_ranges_of_values_are_refused(image_folder: MakeFolder, tmp_path: Path) -> None:
    folder = image_folder()
    save_sixteen_bit(folder / "train" / "cat" / "0.png", 65535)
    save_sixteen_bit(folder / "test" / "dog" / "2.png", 255)
    with pytest.raises(BadData) as caught:
        content(folder, tmp_path)
    assert str(caught.value) == (
        f"16-bit files: {folder}/test/dog/2.png has no value above 255, {folder}/train/cat/0.png has: "
        "save all images as 8-bit"
    )


def test_an_unreadable_image_is_named(image_folder: MakeFolder, tmp_path: Path) -> None:
    folder = image_folder()
    (folder / "test" / "dog" / "2.png").write_bytes(b"not an image")
    with pytest.raises(BadData, match="is not a readable image") as caught:
        content(folder, tmp_path)
    assert str(folder / "test" / "dog" / "2.png") in str(caught.value)


def test_a_class_without_images_in_a_split_is_refused(tmp_path: Path) -> None:
    class WithoutTrainImage(DigitsSource):
        def fingerprint(self) -> str:
            return "without train image"

        def examples(self, split: str) -> Iterator[Example]:
            yield Example(np.zeros((2, 2, 3), np.uint8), 0 if split == "test" else 1)

    with pytest.raises(BadData, match="has no train image of class 'zero': add some or remove the class"):
        load_content(WithoutTrainImage(), tmp_path)

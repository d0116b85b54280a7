import re
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.datasets.archive import open_files
from suite.datasets.groups import GROUP_COLUMNS, read_groups
from suite.datasets.imagefolder import ImageFolder
from suite.datasets.layout import read_layout
from suite.errors import BadData, UsageError


def groups(folder: Path) -> dict[str, str]:
    files = open_files(folder)
    layout = read_layout(files)
    found = read_groups(files, layout.metadata, (*layout.train, *(layout.test or ())))
    return {"/".join(parts): group for parts, group in found.items()}


def refusal(folder: Path) -> str:
    with pytest.raises(BadData) as caught:
        groups(folder)
    return str(caught.value)


@pytest.mark.parametrize("column", GROUP_COLUMNS)
def test_images_are_named_by_path(image_folder: Callable[..., Path], column: str) -> None:
    folder = image_folder()
    rows = f"file,diagnosis,{column.upper()}\ntrain/cat/0.png,NV,A\ntrain/dog/0.png,NV, A \ntest/cat/0.png,NV,\n"
    (folder / "metadata.csv").write_text(rows, encoding="utf-8-sig")
    assert groups(folder) == {"train/cat/0.png": "A", "train/dog/0.png": "A"}


@pytest.mark.parametrize("column", ["Patient", "Patient ID", " patient_id "])
def test_column_names_may_have_blanks_and_capitals(image_folder: Callable[..., Path], column: str) -> None:
    folder = image_folder()
    (folder / "metadata.csv").write_text(f"file name,{column}\ntrain/cat/0.png,A\n")
    assert groups(folder) == {"train/cat/0.png": "A"}


@pytest.mark.parametrize("key", ["cat/7.png", "7.png", "7"])
def test_images_are_named_by_file_name_or_stem(image_folder: Callable[..., Path], key: str) -> None:
    folder = image_folder(splits={"": 3})
    (folder / "cat" / "0.png").rename(folder / "cat" / "7.png")
    (folder / "metadata.csv").write_text(f"isic_id,patient_id\n{key},P1\n")
    assert groups(folder) == {"cat/7.png": "P1"}


def test_paths_may_be_relative_to_the_table(image_folder: Callable[..., Path], tmp_path: Path) -> None:
    image_folder(name="top/pets")
    folder = tmp_path / "data" / "top"
    (folder / "pets" / "train" / "metadata.csv").write_text("file_name,group\ncat/0.png,A\n")
    assert groups(folder) == {"pets/train/cat/0.png": "A"}


def test_a_table_without_groups_is_a_remark(image_folder: Callable[..., Path]) -> None:
    folder = image_folder()
    (folder / "metadata.csv").write_text("file,Taken by\ntrain/cat/0.png,P1\n")
    assert groups(folder) == {}
    assert ImageFolder(folder).remarks == (
        "no groups in metadata.csv: its columns are 'file', 'taken_by', none of which is group, lesion, patient or "
        "similar",
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_values_may_be_separated_by_comma_semicolon_or_tab(image_folder: Callable[..., Path], delimiter: str) -> None:
    folder = image_folder()
    rows = (("file", "note", "group"), ("train/cat/0.png", "a b", "A"))
    (folder / "metadata.csv").write_text("".join(delimiter.join(row) + "\n" for row in rows))
    assert groups(folder) == {"train/cat/0.png": "A"}


def test_images_without_a_group_are_a_remark(image_folder: Callable[..., Path]) -> None:
    folder = image_folder()
    (folder / "metadata.csv").write_text("file,group\ntrain/cat/0.png,A\n")
    assert ImageFolder(folder).remarks == ("without a group: 15 images",)


def test_rows_that_name_no_image_are_a_remark(image_folder: Callable[..., Path]) -> None:
    folder = image_folder()
    every = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.png"))]
    rows = [f"{name},{number}" for number, name in enumerate(every)]
    (folder / "metadata.csv").write_text("\n".join(["file,group", *rows]))
    assert ImageFolder(folder).remarks == ()
    (folder / "metadata.csv").write_text("\n".join(["file,group", *rows, "gone.png,A", "train/cat/0,A", "else/0.png,"]))
    (folder / "train" / "metadata.csv").write_text("file,group\ncat/0.png,6\ncat/99.png,B\n")
    assert ImageFolder(folder).remarks == (
        "rows of metadata.csv that name no image: 2",
        "rows of train/metadata.csv that name no image: 1",
    )


def test_invalid_tables_are_refused(image_folder: Callable[..., Path]) -> None:
    folder = image_folder()
    table = folder / "metadata.csv"
    table.write_text("file,group\nelse/cat/x.png,A\n")
    assert "metadata.csv names none of the images (first row: 'else/cat/x.png')" in refusal(folder)
    table.write_text("file,group\n0.png,A\n0.png,B\n")
    assert "metadata.csv puts '0.png' into two groups: give the full paths" in refusal(folder)
    table.write_text("picture,group\ntrain/cat/0.png,A\n")
    assert "has a column group but none with file names: call it 'file'" in refusal(folder)
    table.write_bytes(b"file,group\n\xff\xfe,A\n")
    assert "is not a CSV table in UTF-8 (" in refusal(folder)
    table.write_text('file,group\n"train/cat/0.png,A\n')
    assert "is not a CSV table in UTF-8 (unexpected end of data): save it as CSV again" in refusal(folder)


def test_rows_may_be_short_or_empty(image_folder: Callable[..., Path]) -> None:
    folder = image_folder()
    (folder / "metadata.csv").write_text("file,group\ntrain/cat/0.png,A\n\ntrain/cat/1.png\n,B\n")
    assert groups(folder) == {"train/cat/0.png": "A"}


def test_attribute_of_images_by_name(image_folder: Callable[..., Path]) -> None:
    folder = image_folder()
    (folder / "metadata.csv").write_text("file;Skin  Type;site\ntrain/cat/0.png;II;a\ntest/dog/1.png; V ;\n")
    source = ImageFolder(folder)
    prefix = f"{source.where}/"
    assert source.attribute("skin_type") == {f"{prefix}train/cat/0.png": "II", f"{prefix}test/dog/1.png": "V"}
    assert source.attribute("Site") == {f"{prefix}train/cat/0.png": "a"}
    assert source.attribute("skin type") == source.attribute("SKIN_TYPE")


def test_an_attribute_that_is_not_there_or_contradicts_itself_is_refused(image_folder: Callable[..., Path]) -> None:
    folder = image_folder()
    with pytest.raises(UsageError, match=r"--groups site: no such column.*: there is none"):
        ImageFolder(folder).attribute("site")
    (folder / "metadata.csv").write_text("file,device {x}\n0.png,a\n0.png,b\n")
    with pytest.raises(UsageError, match=re.escape("its columns are 'file', 'device_{x}'")):
        ImageFolder(folder).attribute("site")
    with pytest.raises(BadData, match=re.escape("gives '0.png' two values of device {x}: give the full paths")):
        ImageFolder(folder).attribute("device {x}")

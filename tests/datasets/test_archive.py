import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.datasets.archive import EXPANSION_LIMIT, Directory, open_files
from suite.datasets.imagefolder import ImageFolder
from suite.errors import BadData, SuiteError


def zip_of(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def refusal(path: Path) -> str:
    def read() -> None:
        files = open_files(path)
        for parts in files.listing.files:
            files.read(parts)

    with pytest.raises(BadData) as caught:
        read()
    line = str(caught.value)
    assert str(path) in line
    assert "\n" not in line
    return line


def test_a_directory_and_its_zip_have_the_same_listing_and_bytes(
    image_folder: Callable[..., Path], zipped: Callable[..., Path]
) -> None:
    folder = image_folder()
    (folder / "train" / "empty").mkdir()
    directory, archive = open_files(folder), open_files(zipped(folder))
    assert directory.listing == archive.listing
    assert ("train", "empty") in directory.listing.folders
    assert len(directory.listing.files) == 16
    for parts in directory.listing.files:
        assert directory.read(parts) == archive.read(parts)


def test_utf_8_names_without_the_utf_8_flag_are_decoded(tmp_path: Path) -> None:
    """macOS writes such zips: the flag is missing, and zipfile decodes the names as code page 437."""
    path = zip_of(tmp_path / "mac.zip", {"naïf/1": b"x", "été/1": b"x"})
    whole = path.read_bytes()
    for header, offset in ((b"PK\x01\x02", 9), (b"PK\x03\x04", 7)):  # upper byte of the flags
        for at in [at for at in range(len(whole)) if whole.startswith(header, at)]:
            whole = whole[: at + offset] + bytes([whole[at + offset] & ~0x08]) + whole[at + offset + 1 :]
    path.write_bytes(whole)
    with zipfile.ZipFile(path) as archive:
        assert "été/1" not in archive.namelist()
    files = open_files(path)
    assert files.listing.files == (("naïf", "1"), ("été", "1"))
    assert files.read(("été", "1")) == b"x"


def test_names_in_code_page_437_are_decoded(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "dos.zip", {"aaa/1": b"x", "b/1": b"x"})
    path.write_bytes(path.read_bytes().replace(b"aaa/1", b"caf\x82"[:4] + b"1"))
    assert ("café1",) in open_files(path).listing.files


@pytest.mark.parametrize("make", ["directory", "zip"])
def test_files_created_by_operating_systems_are_left_out(tmp_path: Path, make: str) -> None:
    names = ["cat/1", "dog/1", "__MACOSX/cat/._1", "cat/.DS_Store", "dog/Thumbs.db", ".git/config", "cat/desktop.ini"]
    if make == "zip":
        files = open_files(zip_of(tmp_path / "x.zip", dict.fromkeys(names, b"x")))
    else:
        for name in names:
            (tmp_path / "x" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "x" / name).write_bytes(b"x")
        files = open_files(tmp_path / "x")
    assert files.listing.files == (("cat", "1"), ("dog", "1"))
    assert files.listing.folders == {("cat",), ("dog",)}
    assert files.listing.hidden == 5


def test_names_are_converted_to_normal_form_c(tmp_path: Path) -> None:
    decomposed, composed = "e\u0301", "\u00e9"
    files = open_files(zip_of(tmp_path / "x.zip", {f"{decomposed}/1": b"x"}))
    assert files.listing.files == ((composed, "1"),)
    assert files.read((composed, "1")) == b"x"


@pytest.mark.parametrize("make", ["directory", "zip"])
@pytest.mark.parametrize("names", [("{}/1", "{}/2"), ("{}/1", "{}/1"), ("cat/{}", "cat/{}")])
def test_two_spellings_of_one_path_are_refused(tmp_path: Path, make: str, names: tuple[str, str]) -> None:
    """In normal form C they are one path, and images were lost without a word."""
    composed, decomposed = "\u00e9", "e\u0301"
    paths = [name.format(spelling) for name, spelling in zip(names, (composed, decomposed), strict=True)]
    if make == "zip":
        root = zip_of(tmp_path / "x.zip", dict.fromkeys(paths, b"x"))
    else:
        root = tmp_path / "x"
        for path in paths:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(b"x")
    line = refusal(root)
    assert "\\xe9" in line
    assert "e\\u0301" in line
    assert line.endswith(", two spellings of one name: use one of them")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_in_a_zip_twice_is_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", {"cat/": b"", "cat/1": b"x", "cat/.DS_Store": b"x"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("cat/", b"")
        archive.writestr("cat/.DS_Store", b"y")
    assert open_files(path).listing.files == (("cat", "1"),)
    for name in ("cat/1", "./cat\\1"):
        again = tmp_path / "again.zip"
        again.write_bytes(path.read_bytes())
        with zipfile.ZipFile(again, "a") as archive:
            archive.writestr(name, b"y")
        assert refusal(again) == f"{again}/cat/1 is in the zip twice: make the zip again"


def test_backslashes_and_dots_in_paths_are_accepted(tmp_path: Path) -> None:
    files = open_files(
        zip_of(tmp_path / "x.zip", {"train\\cat\\1": b"x", "./train/dog//1": b"y", "train\\empty\\": b""})
    )
    assert files.listing.files == (("train", "cat", "1"), ("train", "dog", "1"))
    assert ("train", "empty") in files.listing.folders


@pytest.mark.parametrize(
    "name", ["../cat/1", "cat/../../1", "/cat/1", "C:/cat/1", "c:\\cat\\1", "..\\1", "\\\\host\\1", "a/.."]
)
def test_a_path_outside_the_zip_is_refused(tmp_path: Path, name: str) -> None:
    line = refusal(zip_of(tmp_path / "x.zip", {"cat/1": b"x", name: b"x"}))
    assert "has a path that leads outside it (" in line
    assert "make the zip again" in line


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", {"cat/1": b"x"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "cat/1 is encrypted: unpack the zip and make it again without a password" in refusal(path)


def test_a_damaged_zip_is_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", {"cat/1": b"x" * 5000})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "is not a complete zip (" in refusal(path)
    path.write_bytes(whole.replace(b"x" * 100, b"y" * 100, 1))
    assert "cat/1 cannot be unpacked (Bad CRC-32" in refusal(path)
    path.write_text("not a zip")
    other = tmp_path / "x.tar.gz"
    other.write_text("not a zip")
    assert refusal(other) == f"{other} is neither a directory nor a zip: give one of them"
    assert "is not a complete zip (File is not a zip file): copy or download it again" in refusal(path)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", {"cat/1": bytes(10_000_000)}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 10_000_000 / EXPANSION_LIMIT
    assert f"cat/1 grows more than {EXPANSION_LIMIT}-fold: a decompression bomb? remove it" in refusal(path)
    many = zip_of(tmp_path / "y.zip", {f"cat/{n}": bytes(800_000) for n in range(20)}, zipfile.ZIP_DEFLATED)
    assert "grows more than 200-fold to 16,000,000 bytes: a zip bomb?" in refusal(many)


def test_a_member_with_a_large_declared_size_is_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", {"cat/1": b"x" * 999})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (2**30).to_bytes(4, "little")
    path.write_bytes(data)
    assert "cat/1 is larger than 268,435,456 bytes: a decompression bomb?" in refusal(path)


def test_a_missing_path_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"nowhere is neither a directory nor a zip: check the path"):
        open_files(tmp_path / "nowhere")


def test_a_broken_link_a_pipe_and_a_link_loop_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    (folder / "cat").mkdir(parents=True)
    (folder / "cat" / "1").symlink_to(tmp_path / "gone")
    assert "cat/1 cannot be read (No such file or directory): a broken link" in refusal(folder)
    (folder / "cat" / "1").unlink()
    os.mkfifo(folder / "cat" / "1")
    assert "cat/1 is neither a file nor a folder: remove it" in refusal(folder)
    (folder / "cat" / "1").unlink()
    (folder / "cat" / "up").symlink_to(folder)
    assert "folders deep: does a link point to a parent folder?" in refusal(folder)


def test_links_to_images_are_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"x")
    (tmp_path / "x" / "cat").mkdir(parents=True)
    (tmp_path / "x" / "cat" / "1").symlink_to(tmp_path / "elsewhere")
    assert open_files(tmp_path / "x").read(("cat", "1")) == b"x"


def test_a_fingerprint_changes_with_names_sizes_and_times(image_folder: Callable[..., Path]) -> None:
    folder = image_folder()
    fingerprints = {Directory(folder).fingerprint()}
    assert Directory(folder).fingerprint() in fingerprints
    image = folder / "train" / "cat" / "0.png"
    os.utime(image, ns=(0, 0))
    fingerprints.add(Directory(folder).fingerprint())
    image.write_bytes(image.read_bytes() + b"x")
    os.utime(image, ns=(0, 0))
    fingerprints.add(Directory(folder).fingerprint())
    image.rename(image.with_name("a.png"))
    fingerprints.add(Directory(folder).fingerprint())
    assert len(fingerprints) == 4


def test_the_fingerprint_of_a_zip_does_not_open_it(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(b"no zip")
    assert str(path) in open_files(path).fingerprint()


NAMES = st.text(st.sampled_from("ab./\\: \n\x7fé\u202e~*"), min_size=1, max_size=12) | st.sampled_from(
    ["train/cat/1.png", "test/cat/1.png", "train/dog/1.png", "test/dog/1.png", "cat/1.png", "dog/1.png", "metadata.csv"]
)


@settings(max_examples=150, deadline=None)
@given(members=st.dictionaries(NAMES, st.binary(max_size=8), max_size=6), data=st.data())
def test_any_zip_is_read_or_raises_a_one_line_suite_error(
    tmp_path: Path, members: dict[str, bytes], data: st.DataObject
) -> None:
    """For any member names and any damaged bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    whole = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(0, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "x.zip"
    path.write_bytes(whole)
    try:
        source = ImageFolder(path)
        for split in ("train", "test"):
            assert len(list(source.examples(split))) <= len(members)
    except SuiteError as error:
        assert "\n" not in str(error)  # noqa: PT017 - an error is allowed, not required

"""Bad datasets and archives: how each is made, and part of the message of ``suite datasets check``."""

import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
from bad_files import BadInput, InputFolder
from PIL import Image


def png(seed: int = 0) -> bytes:
    """Return a small image."""
    buffer = BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def huge_png() -> bytes:
    """Return a small PNG whose header declares 100,000 x 100,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def _move(inputs: InputFolder, source: str, target: str) -> None:
    (inputs.photos / target).parent.mkdir(parents=True, exist_ok=True)
    (inputs.photos / source).rename(inputs.photos / target)


def _replace(inputs: InputFolder, content: bytes) -> None:
    (inputs.photos / "train" / "red" / "0.png").write_bytes(content)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def _unreadable(inputs: InputFolder) -> None:
    (inputs.photos / "train" / "red" / "link.png").symlink_to(inputs.folder / "gone")


def _second_spelling(inputs: InputFolder) -> None:
    for split in ("train", "test"):
        shutil.copytree(inputs.photos / split / "red", inputs.photos / split / "Red")


def _pipe(inputs: InputFolder) -> None:
    os.mkfifo(inputs.photos / "train" / "red" / "pipe.png")


DATASETS = (  # changes to the dataset photos; read by ``suite datasets check photos``
    BadInput("an empty file", lambda b: _replace(b, b""), "red/0.png"),
    BadInput("a text file called png", lambda b: _replace(b, b"not an image"), "red/0.png is not a readable image"),
    BadInput("a truncated image", lambda b: _replace(b, png()[:90]), "red/0.png is a damaged image"),
    BadInput(
        "a PostScript file", lambda b: _replace(b, b"%!PS-Adobe-3.0 EPSF-3.0\n"), "red/0.png is not a readable image"
    ),
    BadInput("a decompression bomb", lambda b: _replace(b, huge_png()), "a decompression bomb? scale it down"),
    BadInput(
        "an SVG file with a script", lambda b: _replace(b, b"<svg><script/></svg>"), "red/0.png is not a readable image"
    ),
    BadInput("an empty class", lambda b: _empty(b.photos / "train" / "red"), "is an empty class folder"),
    BadInput(
        "a class without test images", lambda b: _move(b, "test/red", "test/.red"), "different classes in its splits"
    ),
    BadInput("a class of another name", lambda b: _move(b, "test/red", "test/rot"), "different classes in its splits"),
    BadInput(
        "two spellings of a class", _second_spelling, "has the class folders 'Red', 'red', which are two spellings"
    ),
    BadInput("images too deep", lambda b: _move(b, "train/red", "train/warm/red"), "photos"),
    BadInput("a broken link", _unreadable, "cannot be read"),
    BadInput("a pipe", _pipe, "is neither a file nor a folder: remove it"),
    BadInput(
        "a line break in a class", lambda b: [_move(b, f"{s}/red", f"{s}/re\nd") for s in ("train", "test")], "re\\nd"
    ),
    BadInput(
        "groups that are not UTF-8",
        lambda b: b.write("data/photos/metadata.csv", b"file,group\n\xff\xfe,1\n"),
        "is not a CSV table",
    ),
    BadInput(
        "groups without a matching image",
        lambda b: b.write("data/photos/metadata.csv", "file,group\nnone.png,1\n"),
        "names none of",
    ),
    BadInput(
        "groups without file names", lambda b: b.write("data/photos/metadata.csv", "group,age\n1,2\n"), "call it 'file'"
    ),
)


def _damaged_zip(inputs: InputFolder, at: bytes, offset: int, value: int) -> None:
    names = [f"{split}/{label}/{n}.png" for split in ("train", "test") for label in ("a", "b") for n in range(3)]
    path = inputs.zipped({name: png(number) for number, name in enumerate(names)})
    data = bytearray(path.read_bytes())
    data[data.index(at) + offset] ^= value
    path.write_bytes(data)


def _zip_with_member(name: str) -> Callable[[InputFolder], Path]:
    return lambda inputs: inputs.zipped({"train/a/1.png": png(), name: png()})


def _member_twice(inputs: InputFolder) -> None:
    with zipfile.ZipFile(inputs.zipped({"a/1.png": png(), "b/1.png": png(1)}), "a") as archive:
        archive.writestr("./a/1.png", png(2))


ARCHIVES = (  # content of bad.zip; read by ``suite datasets check bad``
    BadInput("not a zip", lambda b: b.write("data/bad.zip", "PK, but not a zip"), "is not a complete zip"),
    BadInput("an empty file", lambda b: b.write("data/bad.zip", b""), "is not a complete zip"),
    BadInput(
        "a truncated zip",
        lambda b: b.write("data/bad.zip", b.zipped({"a": bytes(999)}).read_bytes()[:400]),
        "not a complete zip",
    ),
    BadInput("an encrypted zip", lambda b: _damaged_zip(b, b"PK\x01\x02", 8, 1), "is encrypted"),
    BadInput("a path to a parent folder", _zip_with_member("../../home/x.png"), "has a path that leads outside it"),
    BadInput("an absolute path", _zip_with_member("/etc/passwd"), "has a path that leads outside it"),
    BadInput("a path with a drive", _zip_with_member("C:\\x.png"), "has a path that leads outside it"),
    BadInput(
        "a decompression bomb",
        lambda b: b.zipped({"a/1": bytes(10**7)}, zipfile.ZIP_DEFLATED),
        "grows more than 200-fold",
    ),
    BadInput("a bad checksum", lambda b: _damaged_zip(b, b"\x89PNG", 40, 1), "cannot be unpacked"),
    BadInput("a file twice", _member_twice, "bad.zip/a/1.png is in the zip twice: make the zip again"),
    BadInput("no folders", lambda b: b.zipped({"a.png": png(), "b.png": png()}), "bad.zip"),
    BadInput("an empty zip", lambda b: b.zipped({}), "has no class folders"),
    BadInput(
        "a zip in a zip",
        lambda b: b.zipped({"inner.zip": b.zipped({"a/1.png": png()}).read_bytes()}),
        "no class folders",
    ),
)

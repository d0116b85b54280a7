"""Bad datasets and archives: how they are made, and what ``suite datasets check`` says of them."""

import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
from bad_files import Bad, Bench
from PIL import Image


def png(seed: int = 0) -> bytes:
    """Return a small image."""
    buffer = BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def huge_png() -> bytes:
    """Return a few bytes that say they are 100,000 pixels wide and high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def _move(context: Bench, source: str, target: str) -> None:
    (context.photos / target).parent.mkdir(parents=True, exist_ok=True)
    (context.photos / source).rename(context.photos / target)


def _replace(context: Bench, content: bytes) -> None:
    (context.photos / "train" / "red" / "0.png").write_bytes(content)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def _unreadable(context: Bench) -> None:
    (context.photos / "train" / "red" / "link.png").symlink_to(context.folder / "gone")


def _pipe(context: Bench) -> None:
    os.mkfifo(context.photos / "train" / "red" / "pipe.png")


DATASETS = (  # what is done to the dataset photos; read by ``suite datasets check photos``
    Bad("an empty file", lambda b: _replace(b, b""), "red/0.png"),
    Bad("a text called png", lambda b: _replace(b, b"not an image"), "red/0.png is no image that can be read"),
    Bad("half an image", lambda b: _replace(b, png()[:90]), "red/0.png is a damaged image"),
    Bad("a program that draws", lambda b: _replace(b, b"%!PS-Adobe-3.0 EPSF-3.0\n"), "red/0.png is no image"),
    Bad("a decompression bomb", lambda b: _replace(b, huge_png()), "a decompression bomb? scale it down"),
    Bad("a script inside of SVG", lambda b: _replace(b, b"<svg><script/></svg>"), "red/0.png is no image"),
    Bad("an empty class", lambda b: _empty(b.photos / "train" / "red"), "is an empty class folder"),
    Bad("a class without test images", lambda b: _move(b, "test/red", "test/.red"), "different classes in its splits"),
    Bad("a class of another name", lambda b: _move(b, "test/red", "test/rot"), "different classes in its splits"),
    Bad("images too deep", lambda b: _move(b, "train/red", "train/warm/red"), "photos"),
    Bad("a broken link", _unreadable, "cannot be read"),
    Bad("a pipe", _pipe, "is neither a file nor a folder: remove it"),
    Bad("a line break in a class", lambda b: [_move(b, f"{s}/red", f"{s}/re\nd") for s in ("train", "test")], "re\\nd"),
    Bad(
        "groups that are no UTF-8",
        lambda b: b.write("data/photos/metadata.csv", b"file,group\n\xff\xfe,1\n"),
        "is no table",
    ),
    Bad(
        "groups of no image", lambda b: b.write("data/photos/metadata.csv", "file,group\nnone.png,1\n"), "names none of"
    ),
    Bad("groups without files", lambda b: b.write("data/photos/metadata.csv", "group,age\n1,2\n"), "call it 'file'"),
)


def _damaged_zip(context: Bench, at: bytes, offset: int, value: int) -> None:
    names = [f"{split}/{label}/{n}.png" for split in ("train", "test") for label in ("a", "b") for n in range(3)]
    path = context.zipped({name: png(number) for number, name in enumerate(names)})
    data = bytearray(path.read_bytes())
    data[data.index(at) + offset] ^= value
    path.write_bytes(data)


def _leaving(name: str) -> Callable[[Bench], Path]:
    return lambda context: context.zipped({"train/a/1.png": png(), name: png()})


ARCHIVES = (  # what is made of bad.zip; read by ``suite datasets check bad``
    Bad("no zip", lambda b: b.write("data/bad.zip", "PK, but no zip"), "is no whole zip"),
    Bad("an empty file", lambda b: b.write("data/bad.zip", b""), "is no whole zip"),
    Bad(
        "half a zip", lambda b: b.write("data/bad.zip", b.zipped({"a": bytes(999)}).read_bytes()[:400]), "no whole zip"
    ),
    Bad("an encrypted zip", lambda b: _damaged_zip(b, b"PK\x01\x02", 8, 1), "is encrypted"),
    Bad("a path upwards", _leaving("../../home/x.png"), "has a path that leaves it"),
    Bad("a path from the root", _leaving("/etc/passwd"), "has a path that leaves it"),
    Bad("a path to a drive", _leaving("C:\\x.png"), "has a path that leaves it"),
    Bad("a bomb", lambda b: b.zipped({"a/1": bytes(10**7)}, zipfile.ZIP_DEFLATED), "grows more than 200-fold"),
    Bad("a bad checksum", lambda b: _damaged_zip(b, b"\x89PNG", 40, 1), "cannot be unpacked"),
    Bad("no folders", lambda b: b.zipped({"a.png": png(), "b.png": png()}), "bad.zip"),
    Bad("nothing in it", lambda b: b.zipped({}), "has no class folders"),
    Bad(
        "a zip in a zip",
        lambda b: b.zipped({"inner.zip": b.zipped({"a/1.png": png()}).read_bytes()}),
        "no class folders",
    ),
)

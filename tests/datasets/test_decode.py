import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from suite.datasets.decode import EIGHT_BIT_VALUES, PIXEL_LIMIT, decode
from suite.errors import BadData

PIXELS = np.random.default_rng(0).integers(0, 256, (7, 9, 3), dtype=np.uint8)
RGB = Image.fromarray(PIXELS)
GREY = RGB.convert("L")


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def repeated(grey: np.ndarray) -> np.ndarray:
    return np.repeat(grey.astype(np.uint8)[..., np.newaxis], 3, axis=2)


def png(width: int, height: int, depth: int, rows: bytes) -> bytes:
    """Return a colour PNG with this header and these raw scanlines, which need not match."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def half_transparent() -> Image.Image:
    image = RGB.convert("RGBA")
    image.putalpha(Image.fromarray(np.where(np.arange(63).reshape(7, 9) % 2, 255, 0).astype(np.uint8)))
    return image


def on_white() -> np.ndarray:
    return np.where((np.arange(63).reshape(7, 9) % 2 == 1)[..., np.newaxis], PIXELS, 255)


SIXTEEN_BIT = np.arange(63, dtype=np.uint16).reshape(7, 9) * 1031


@pytest.mark.parametrize(
    ("data", "expected", "notes"),
    [
        pytest.param(saved(RGB), PIXELS, (), id="rgb"),
        pytest.param(saved(RGB, "WEBP", lossless=True), PIXELS, (), id="lossless webp"),
        pytest.param(saved(RGB, "BMP"), PIXELS, (), id="bmp"),
        pytest.param(saved(RGB, "TIFF"), PIXELS, (), id="tiff"),
        pytest.param(saved(GREY), repeated(np.asarray(GREY)), ("greyscale",), id="grey"),
        pytest.param(
            saved(GREY.convert("1")), repeated(np.asarray(GREY.convert("1")) * 255), ("black and white",), id="1"
        ),
        pytest.param(saved(RGB.quantize(8)), np.asarray(RGB.quantize(8).convert("RGB")), ("palette",), id="palette"),
        pytest.param(saved(half_transparent()), on_white(), ("transparency composited on white",), id="alpha"),
        pytest.param(
            saved(RGB.convert("CMYK"), "TIFF"), np.asarray(RGB.convert("CMYK").convert("RGB")), ("CMYK",), id="cmyk"
        ),
        pytest.param(
            saved(Image.fromarray(SIXTEEN_BIT)),
            repeated(SIXTEEN_BIT >> 8),
            ("16-bit, high byte kept",),
            id="16-bit png",
        ),
        pytest.param(
            saved(Image.fromarray(SIXTEEN_BIT), "TIFF"),
            repeated(SIXTEEN_BIT >> 8),
            ("16-bit, high byte kept",),
            id="16-bit tiff",
        ),
        pytest.param(
            b"P5 9 7 65535\n" + SIXTEEN_BIT.astype(">u2").tobytes(),
            repeated(SIXTEEN_BIT >> 8),
            ("16-bit, high byte kept",),
            id="16-bit pgm",
        ),
        pytest.param(
            saved(RGB.quantize(8), "GIF", save_all=True, append_images=[RGB.transpose(0).quantize(8)]),
            np.asarray(RGB.quantize(8).convert("RGB")),
            ("first of several frames kept", "palette"),
            id="animation",
        ),
    ],
)
def test_every_mode_becomes_uint8_rgb(data: bytes, expected: np.ndarray, notes: tuple[str, ...]) -> None:
    image, found = decode(data, "x")
    assert image.dtype == np.uint8
    assert image.shape == (7, 9, 3)
    assert np.array_equal(image, expected)
    assert found == notes


def test_a_transparent_palette_colour_becomes_white() -> None:
    image, notes = decode(saved(RGB.quantize(4), transparency=0), "x")
    index = np.asarray(RGB.quantize(4))
    assert (image[index == 0] == 255).all()
    assert notes == ("transparency composited on white",)


def sixteen_bit(values: np.ndarray) -> dict[str, bytes]:
    """Return greyscale values in every 16-bit format."""
    image = Image.fromarray(values.astype(np.uint16))
    return {
        "png": saved(image),
        "tiff": saved(image, "TIFF"),
        "jpeg 2000": saved(image, "JPEG2000"),
        "pgm": b"P5 9 7 65535\n" + values.astype(">u2").tobytes(),
        "plain pgm": f"P2 9 7 65535 {' '.join(map(str, values.ravel()))}".encode(),
    }


@pytest.mark.parametrize("kind", sixteen_bit(SIXTEEN_BIT))
def test_16_bit_files_with_8_bit_values_do_not_become_black(kind: str) -> None:
    grey = np.asarray(GREY)
    image, notes = decode(sixteen_bit(grey)[kind], "x")
    assert np.array_equal(image, repeated(grey))
    assert notes == (EIGHT_BIT_VALUES,)


@pytest.mark.parametrize("kind", sixteen_bit(SIXTEEN_BIT))
@pytest.mark.parametrize(("largest", "refused"), [(255, False), (256, True), (4095, True), (4096, False)])
def test_16_bit_files_that_would_become_nearly_black_are_refused(kind: str, largest: int, refused: bool) -> None:
    data = sixteen_bit(np.arange(63).reshape(7, 9) * largest // 62)[kind]
    if not refused:
        assert decode(data, "x")[0].max() == (255 if largest == 255 else largest >> 8)
        return
    line = refusal(data)
    assert f"16-bit file whose largest value is {largest}, so it would become nearly black" in line
    assert line.endswith(": save it as 8-bit")


def test_black_16_bit_files_are_black() -> None:
    image, notes = decode(saved(Image.fromarray(np.zeros((7, 9), np.uint16))), "x")
    assert not image.any()
    assert notes == ("16-bit, all values 0",)


def test_a_declared_largest_value_is_used() -> None:
    """PGM files state the largest possible value; Pillow scales by it."""
    values = np.arange(63).reshape(7, 9)
    for largest in (62, 1023):
        image, _ = decode(
            f"P5 9 7 {largest}\n".encode() + values.astype("u1" if largest < 256 else ">u2").tobytes(), "x"
        )
        assert np.allclose(image[..., 0], values * 255 / largest, atol=1)


def colour_rows(pixels: np.ndarray) -> bytes:
    return b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)


@pytest.mark.parametrize(("factor", "refused"), [(1, True), (15, True), (20, False), (257, False)])
def test_16_bit_colour_that_would_become_nearly_black_is_refused(factor: int, refused: bool) -> None:
    pixels = PIXELS.astype(np.int64)
    pixels[0, 0, 0] = 255
    files = png(9, 7, 16, colour_rows(pixels * factor)), b"P6 9 7 65535\n" + (pixels * factor).astype(">u2").tobytes()
    for data in files:
        if refused:
            assert "16-bit file whose largest value is at most 4095, so it would become nearly black" in refusal(data)
        else:
            assert decode(data, "x")[0].max() >= 19


def test_dark_8_bit_images_are_accepted() -> None:
    dark = Image.fromarray(PIXELS // 32)
    assert np.array_equal(decode(saved(dark), "x")[0], PIXELS // 32)
    assert np.array_equal(decode(saved(dark.convert("L")), "x")[0][..., 0], np.asarray(dark.convert("L")))


def test_16_bit_colour_keeps_the_high_byte() -> None:
    rows = b"".join(b"\0" + (PIXELS[row].astype(">u2") * 256 + 200).astype(">u2").tobytes() for row in range(7))
    assert np.array_equal(decode(png(9, 7, 16, rows), "x")[0], PIXELS)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image, notes = decode(saved(RGB, exif=exif), "x")
    turns: dict[int, Callable[[np.ndarray], np.ndarray]] = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(a.transpose(1, 0, 2), 2),
        8: np.rot90,
    }
    assert np.array_equal(image, turns[orientation](PIXELS))
    assert bool(notes) == (orientation > 1)


def refusal(data: bytes) -> str:
    with pytest.raises(BadData) as caught:
        decode(data, "pets/cat/1.jpg")
    line = str(caught.value)
    assert line.startswith("pets/cat/1.jpg ")
    assert "\n" not in line
    return line


def test_a_truncated_jpeg_is_refused_by_name() -> None:
    whole = saved(RGB.resize((64, 64)), "JPEG")
    assert decode(whole, "x")[0].shape == (64, 64, 3)
    assert "is a damaged image (" in refusal(whole[: len(whole) // 2])
    assert "truncated" in refusal(whole[: len(whole) // 2])


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_every_truncated_file_is_refused_by_name(kind: str) -> None:
    whole = saved(RGB.resize((64, 64)).quantize(16) if kind == "GIF" else RGB.resize((64, 64)), kind)
    assert "remove or replace it" in refusal(whole[: len(whole) // 2])


@pytest.mark.parametrize("data", [b"", b"hello", b"<html>", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"])
def test_files_that_are_not_images_are_refused_by_name(data: bytes) -> None:
    assert "is not a readable image" in refusal(data)


def test_pixels_without_a_defined_range_are_refused() -> None:
    assert "mode F, whose value range is not defined: save it as 8-bit RGB" in refusal(saved(GREY.convert("F"), "TIFF"))
    assert "mode I, whose value range is not defined" in refusal(saved(GREY.convert("I"), "TIFF"))


@pytest.mark.parametrize("side", [2**13 + 1, 2**14 + 1, 60_000])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_decompression_bomb_is_refused_before_it_is_decoded(side: int) -> None:
    line = refusal(png(side, side, 8, bytes(1000)))
    assert f"more than the limit of {PIXEL_LIMIT:,}: a decompression bomb? scale it down" in line

"""Contact sheets of small images: with text as a picture of its own, or without text as a source for the page."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from suite.pictures.sheet_layout import COLUMNS

Images = Sequence[NDArray[np.uint8]]

CELL = 48  # lengths in pixels
GAP = 4
NAME_WIDTH = 110
HEAD = 22
CAPTION = 12
THUMBNAIL = 64
CAPTION_CHARACTERS = 9
NAME_CHARACTERS = 17
LOSSLESS_PIXELS = 2**16


def draw_named(
    path: Path,
    names: Sequence[str],
    blocks: Sequence[tuple[str, Sequence[Images]]],
    captions: Sequence[Sequence[str]] = (),
) -> None:
    """Write a PNG with one row per class and the blocks of images side by side.

    Images are enlarged by a whole factor without interpolation, so that the pixels are those that the classifier gets.
    Images larger than a cell are reduced.

    Args:
        path: PNG file to write.
        names: Name of each row.
        blocks: Title of each block, and its images row by row: uint8 (height, width, 3). The first ``COLUMNS`` of a
            row are drawn.
        captions: Caption under each image of the first block, row by row.
    """
    column_width, row_height = CELL + GAP, CELL + GAP + (CAPTION if captions else 0)
    width = NAME_WIDTH + len(blocks) * COLUMNS * column_width + (2 * len(blocks) - 1) * GAP
    picture = Image.new("RGB", (width, HEAD + len(names) * row_height + GAP), "white")
    draw = ImageDraw.Draw(picture)
    caption_font = ImageFont.load_default(9)
    for number, (title, rows) in enumerate(blocks):
        left = NAME_WIDTH + number * (COLUMNS * column_width + 2 * GAP)
        draw.text((left, 5), title, fill="black")
        for row, images in enumerate(rows):
            for column, image in enumerate(images[:COLUMNS]):
                picture.paste(_fit(image, CELL), (left + column * column_width, HEAD + row * row_height))
    for row, row_captions in enumerate(captions):
        for column, caption in enumerate(row_captions[:COLUMNS]):
            corner = (NAME_WIDTH + column * column_width, HEAD + row * row_height + CELL)
            draw.text(corner, shorten(caption), "black", font=caption_font)
    for row, name in enumerate(names):
        draw.text((GAP, HEAD + row * row_height + CELL // 3), shorten(name, NAME_CHARACTERS), fill="black")
    picture.save(path, optimize=False)


def draw_thumbnails(path: Path, rows: Sequence[Images], largest: int = THUMBNAIL) -> None:
    """Write a WebP of square cells, ``COLUMNS`` per row, without text.

    All cells have the same size: that of the largest image, at most ``largest`` pixels. The gaps to the right of each
    image and below it are transparent, and so are cells without an image. Small sheets are lossless; larger ones are
    lossy, because the page contains them and has to stay small enough to send.

    Args:
        path: WebP file to write.
        rows: The images, row by row: uint8 (height, width, 3). The first ``COLUMNS`` of a row are drawn.
        largest: Largest height and width of a cell in pixels.
    """
    side = min(largest, max((max(image.shape[:2]) for images in rows for image in images), default=1))
    cell = side + max(1, side // 12)
    sheet = Image.new("RGBA", (COLUMNS * cell, max(1, len(rows)) * cell))
    for row, images in enumerate(rows):
        for column, image in enumerate(images[:COLUMNS]):
            sheet.paste(_fit(image, side), (column * cell, row * cell))
    lossless = sheet.width * sheet.height <= LOSSLESS_PIXELS
    sheet.save(path, lossless=lossless, quality=90, method=4)


def shorten(name: str, characters: int = CAPTION_CHARACTERS) -> str:
    """Return a name, cut off with an ellipsis where it is too long.

    Args:
        name: The name.
        characters: Maximum length of the result.
    """
    return name if len(name) <= characters else f"{name[: characters - 1]}…"


def _fit(image: NDArray[np.uint8], side: int) -> Image.Image:
    """Return an image reduced to a square of ``side`` pixels, or enlarged by the largest whole factor that fits."""
    picture = Image.fromarray(image)
    if max(picture.size) > side:
        picture.thumbnail((side, side), Image.Resampling.BICUBIC)
        return picture
    factor = side // max(picture.size)
    return picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)

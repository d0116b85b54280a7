"""Sheets of small images: one with names, for people, and one without, from which the page cuts its rows."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from suite.pictures.grid import COLUMNS

Images = Sequence[NDArray[np.uint8]]

CELL = 48
GAP = 4
NAME_WIDTH = 110
HEAD = 22
CAPTION = 12
CAPTION_LETTERS = 9
THUMBNAIL = 64
LOSSLESS_PIXELS = 2**16


def draw_named(
    path: Path,
    names: Sequence[str],
    blocks: Sequence[tuple[str, Sequence[Images]]],
    captions: Sequence[Sequence[str]] = (),
) -> None:
    """Write a PNG with a row a class and blocks of images side by side.

    Images are enlarged by a whole factor, pixel by pixel, so that what is seen is what the classifier gets; images
    larger than a cell are made smaller.

    Args:
        path: Where to.
        names: Name of each row.
        blocks: Title of each block, and its images row by row, of which ``COLUMNS`` are shown.
        captions: A few letters under each image of the first block, row by row.
    """
    step, down = CELL + GAP, CELL + GAP + (CAPTION if captions else 0)
    width = NAME_WIDTH + len(blocks) * COLUMNS * step + (2 * len(blocks) - 1) * GAP
    picture = Image.new("RGB", (width, HEAD + len(names) * down + GAP), "white")
    draw = ImageDraw.Draw(picture)
    small = ImageFont.load_default(9)
    for number, (title, rows) in enumerate(blocks):
        left = NAME_WIDTH + number * (COLUMNS * step + 2 * GAP)
        draw.text((left, 5), title, fill="black")
        for row, images in enumerate(rows):
            for column, image in enumerate(images[:COLUMNS]):
                picture.paste(_fitted(image, CELL), (left + column * step, HEAD + row * down))
    for row, words in enumerate(captions):
        for column, word in enumerate(words[:COLUMNS]):
            draw.text((NAME_WIDTH + column * step, HEAD + row * down + CELL), shorten(word), "black", font=small)
    for row, name in enumerate(names):
        draw.text((GAP, HEAD + row * down + CELL // 3), shorten(name, 17), fill="black")
    picture.save(path, optimize=False)


def draw_thumbnails(path: Path, rows: Sequence[Images]) -> None:
    """Write a WebP of ``COLUMNS`` square cells a row, all alike, with the images at their own size up to 64 pixels.

    Gaps, to the right of each image and below it, are transparent, and so is what is missing. Small sheets are
    lossless; larger ones would make a report too large to send.
    """
    side = min(THUMBNAIL, max((max(image.shape[:2]) for images in rows for image in images), default=1))
    cell = side + max(1, side // 12)
    sheet = Image.new("RGBA", (COLUMNS * cell, max(1, len(rows)) * cell))
    for row, images in enumerate(rows):
        for column, image in enumerate(images[:COLUMNS]):
            sheet.paste(_fitted(image, side), (column * cell, row * cell))
    lossless = sheet.width * sheet.height <= LOSSLESS_PIXELS
    sheet.save(path, lossless=lossless, quality=90, method=4)


def shorten(name: str, letters: int = CAPTION_LETTERS) -> str:
    """Return a name of at most so many letters."""
    return name if len(name) <= letters else f"{name[: letters - 1]}…"


def _fitted(image: NDArray[np.uint8], side: int) -> Image.Image:
    picture = Image.fromarray(image)
    if max(picture.size) > side:
        picture.thumbnail((side, side), Image.Resampling.BICUBIC)
        return picture
    factor = side // max(picture.size)
    return picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)

"""Captioned images of digits, rendered from typefaces: the training data of the tiny pipeline."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from suite.generators.sd.tiny.fonts import DIGITS, FACES, captions, font_files
from suite.images.labelled import LabelledImages
from suite.randomness import numpy_generator

SIDE = 16
CANVAS_SIDE = 96
FONT_SIZE = 56
MAX_ROTATION = math.radians(12)
MAX_SHEAR = 0.2
INK_LEVEL = 40  # brighter pixels belong to the digit


def render(count: int, seed: int) -> tuple[LabelledImages, list[str]]:
    """Render light digits on a dark background, rotated by up to 12 degrees, sheared by up to 0.2, scaled to fit.

    Digits and typefaces alternate. The caption of an image, with or without the style of the typeface, is random.

    Args:
        count: Number of images.
        seed: Seed of the captions, angles and shears.

    Returns:
        The images, uint8 (N, 16, 16, 3), labelled with the index of their caption; and all captions.
    """
    files = font_files()
    all_captions = captions()
    faces = list(FACES.items())
    canvases = {
        (name, digit): _large_digit(str(files[name]), str(digit)) for name, _ in faces for digit in range(len(DIGITS))
    }
    captions_of: dict[tuple[int, str], list[int]] = {}  # by digit and style
    for number, (digit, style, _) in enumerate(all_captions):
        captions_of.setdefault((digit, style), []).append(number)
    random = numpy_generator(seed, "glyphs")
    images = np.empty((count, SIDE, SIDE, 3), dtype=np.uint8)
    labels = np.empty(count, dtype=np.int64)
    for index in range(count):
        digit = index % len(DIGITS)
        name, style = faces[index // len(DIGITS) % len(faces)]
        angle, shear = random.uniform(-MAX_ROTATION, MAX_ROTATION), random.uniform(-MAX_SHEAR, MAX_SHEAR)
        images[index] = _small_digit(canvases[name, digit], angle, shear)[..., None]
        candidates = captions_of[digit, "" if random.random() < 0.5 else style]
        labels[index] = candidates[random.integers(len(candidates))]
    return LabelledImages(images, labels), [text for _, _, text in all_captions]


def _large_digit(file: str, text: str) -> Image.Image:
    """Return a light digit in the middle of a large dark canvas."""
    font = ImageFont.truetype(file, FONT_SIZE, layout_engine=ImageFont.Layout.BASIC)
    canvas = Image.new("L", (CANVAS_SIDE, CANVAS_SIDE))
    ImageDraw.Draw(canvas).text((CANVAS_SIDE / 2, CANVAS_SIDE / 2), text, fill=255, font=font, anchor="mm")
    return canvas


def _small_digit(canvas: Image.Image, angle: float, shear: float) -> NDArray[np.uint8]:
    """Rotate and shear a large digit about its centre, and scale it to fit into 16x16: uint8, (16, 16)."""
    cosine, sine, centre = math.cos(angle), math.sin(angle), CANVAS_SIDE / 2
    x_row, y_row = (cosine, sine + shear * cosine), (-sine, cosine - shear * sine)
    matrix = (*x_row, centre - centre * sum(x_row), *y_row, centre - centre * sum(y_row))
    transformed = canvas.transform(canvas.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    box = transformed.point(lambda level: 255 * (level > INK_LEVEL)).getbbox()
    assert box is not None
    width, height = box[2] - box[0], box[3] - box[1]
    scale = SIDE / max(width, height)
    fitted = transformed.crop(box).resize(
        (max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.BICUBIC
    )
    small = Image.new("L", (SIDE, SIDE))
    small.paste(fitted, ((SIDE - fitted.width) // 2, (SIDE - fitted.height) // 2))
    return np.asarray(small)

"""Captioned pictures of digits, rendered from typefaces: what the tiny pipeline is pretrained on."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from suite.generators.sd.tiny.fonts import DIGITS, FACES, captions, font_files
from suite.images.labelled import LabelledImages
from suite.randomness import numpy_generator

SIDE = 16
LARGE = 96
EM = 56
ROTATION = math.radians(12)
SHEAR = 0.2


def render(count: int, seed: int) -> tuple[LabelledImages, list[str]]:
    """Render ``count`` digits, light on dark, turned by up to 12 degrees and slanted by up to 0.2, filling the height.

    Digits and typefaces take turns; which caption describes a picture, with or without its style, is drawn.

    Args:
        count: How many.
        seed: Seed of the captions, angles and slants.

    Returns:
        The pictures, uint8 (N, 16, 16, 3), labelled with the index of their caption; and all captions.
    """
    files = font_files()
    every = captions()
    templates = list(FACES.items())
    masters = {
        (name, digit): _master(str(files[name]), str(digit)) for name, _ in templates for digit in range(len(DIGITS))
    }
    plain = [[i for i, (of, style, _) in enumerate(every) if of == digit and not style] for digit in range(len(DIGITS))]
    styled = {
        (digit, style): [i for i, (of, its, _) in enumerate(every) if of == digit and its == style]
        for digit in range(len(DIGITS))
        for style in set(FACES.values())
    }
    draw = numpy_generator(seed, "glyphs")
    images = np.empty((count, SIDE, SIDE, 3), dtype=np.uint8)
    labels = np.empty(count, dtype=np.int64)
    for index in range(count):
        digit = index % len(DIGITS)
        name, style = templates[index // len(DIGITS) % len(templates)]
        angle, slant = draw.uniform(-ROTATION, ROTATION), draw.uniform(-SHEAR, SHEAR)
        images[index] = _picture(masters[name, digit], angle, slant)[..., None]
        fitting = plain[digit] if draw.random() < 0.5 else styled[digit, style]
        labels[index] = fitting[draw.integers(len(fitting))]
    return LabelledImages(images, labels), [text for _, _, text in every]


def _master(file: str, text: str) -> Image.Image:
    """Return a digit in the middle of a large dark square."""
    font = ImageFont.truetype(file, EM, layout_engine=ImageFont.Layout.BASIC)
    canvas = Image.new("L", (LARGE, LARGE))
    ImageDraw.Draw(canvas).text((LARGE / 2, LARGE / 2), text, fill=255, font=font, anchor="mm")
    return canvas


def _picture(master: Image.Image, angle: float, slant: float) -> NDArray[np.uint8]:
    """Turn and slant a large digit about the middle, and fit it into the small square."""
    cosine, sine, middle = math.cos(angle), math.sin(angle), LARGE / 2
    across, down = (cosine, sine + slant * cosine), (-sine, cosine - slant * sine)
    matrix = (*across, middle - middle * sum(across), *down, middle - middle * sum(down))
    turned = master.transform(master.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    box = turned.point(lambda level: 255 * (level > 40)).getbbox()
    assert box is not None
    width, height = box[2] - box[0], box[3] - box[1]
    scale = SIDE / max(width, height)
    fitted = turned.crop(box).resize(
        (max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.BICUBIC
    )
    small = Image.new("L", (SIDE, SIDE))
    small.paste(fitted, ((SIDE - fitted.width) // 2, (SIDE - fitted.height) // 2))
    return np.asarray(small)

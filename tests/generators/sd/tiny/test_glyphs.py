import numpy as np

from suite.generators.sd.tiny.fonts import DIGITS
from suite.generators.sd.tiny.glyphs import render


def test_images_match_their_captions() -> None:
    glyphs, captions = render(420, seed=0)
    assert glyphs.images.shape == (420, 16, 16, 3)
    for index, caption in enumerate(glyphs.labels.tolist()):
        assert DIGITS[index % 10] in captions[caption].split()
    # Digits can be classified by the nearest mean image, so images and captions are not mixed up.
    digits = np.arange(420) % 10
    grey = glyphs.images[..., 0].astype(float)
    reference, tested = grey[:210], grey[210:]
    means = np.stack([reference[digits[:210] == digit].mean(0) for digit in range(10)])
    nearest = ((tested[:, None] - means) ** 2).mean((2, 3)).argmin(1)
    assert (nearest == digits[210:]).mean() > 0.8


def test_digits_are_light_on_dark_and_fill_the_image() -> None:
    images = render(210, seed=0)[0].images
    assert 20 < images.mean() < 110
    assert (images.max((1, 2, 3)) > 200).all()
    ink = images[..., 0] > 30
    heights, widths = (np.ptp([_first_and_last_row(mask) for mask in masks], axis=1) for masks in (ink, ink.mT))
    assert (np.maximum(heights, widths) >= 13).all()


def _first_and_last_row(ink: np.ndarray) -> tuple[int, int]:
    rows = np.flatnonzero(ink.any(1))
    return int(rows[0]), int(rows[-1])


def test_images_and_captions_depend_on_the_seed_only() -> None:
    first, repeated, other = render(60, seed=0)[0], render(60, seed=0)[0], render(60, seed=1)[0]
    assert np.array_equal(first.images, repeated.images)
    assert np.array_equal(first.labels, repeated.labels)
    assert not np.array_equal(first.images, other.images)
    assert not np.array_equal(first.labels, other.labels)


def test_every_image_is_different() -> None:
    images = render(420, seed=0)[0].images
    assert len(np.unique(images.reshape(420, -1), axis=0)) == 420

import numpy as np

from suite.generators.sd.tiny.fonts import DIGITS
from suite.generators.sd.tiny.glyphs import render


def test_pictures_are_what_their_captions_say() -> None:
    glyphs, captions = render(420, seed=0)
    assert glyphs.images.shape == (420, 16, 16, 3)
    for index, caption in enumerate(glyphs.labels.tolist()):
        assert DIGITS[index % 10] in captions[caption].split()
    # The mean picture of a digit tells it from the others, so that captions and pictures cannot be mixed up.
    truth = np.arange(420) % 10
    grey = glyphs.images[..., 0].astype(float)
    known, new = grey[:210], grey[210:]
    means = np.stack([known[truth[:210] == digit].mean(0) for digit in range(10)])
    nearest = ((new[:, None] - means) ** 2).mean((2, 3)).argmin(1)
    assert (nearest == truth[210:]).mean() > 0.8


def test_pictures_are_light_on_dark_and_fill_the_square() -> None:
    images = render(210, seed=0)[0].images
    assert 20 < images.mean() < 110
    assert (images.max((1, 2, 3)) > 200).all()
    ink = images[..., 0] > 30
    spans = np.maximum(np.ptp([_rows(one) for one in ink], axis=1), np.ptp([_rows(one.T) for one in ink], axis=1))
    assert (spans >= 13).all()


def _rows(ink: np.ndarray) -> tuple[int, int]:
    rows = np.flatnonzero(ink.any(1))
    return int(rows[0]), int(rows[-1])


def test_the_seed_decides_everything() -> None:
    one, same, other = render(60, seed=0)[0], render(60, seed=0)[0], render(60, seed=1)[0]
    assert np.array_equal(one.images, same.images)
    assert np.array_equal(one.labels, same.labels)
    assert not np.array_equal(one.images, other.images)
    assert not np.array_equal(one.labels, other.labels)


def test_a_typeface_looks_different_every_time() -> None:
    images = render(420, seed=0)[0].images
    assert len(np.unique(images.reshape(420, -1), axis=0)) == 420

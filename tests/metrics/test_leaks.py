"""Search for copies of real images: planted copies, changed copies, and images that are none."""

import numpy as np
import pytest
from PIL import Image

from suite.metrics import alignment, leaks
from suite.metrics.alignment import Window, aligned_distances
from suite.metrics.leaks import MIN_IMAGES, find_changed, find_equal


def smooth(seed, count, size=32, cells=5):
    """Return random images without fine detail, uint8."""
    coarse = np.random.default_rng(seed).integers(0, 256, (count, cells, cells, 3), dtype=np.uint8)
    return np.stack(
        [np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC)) for image in coarse]
    )


def noise(seed, count, size=8):
    return np.random.default_rng(seed).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


def clipped(values):
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def cropped(left, top, right, bottom):
    """Return the function that cuts parts of the size off each side and enlarges the rest."""

    def crop(images):
        size = images.shape[1]
        box = (size * left, size * top, size * (1 - right), size * (1 - bottom))
        resized = [Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC, box=box) for image in images]
        return np.stack([np.asarray(image) for image in resized])

    return crop


def shifted(down, right):
    return lambda images: np.pad(images, ((0, 0), (down, 0), (right, 0), (0, 0)), mode="edge")[:, :32, :32]


CHANGES = {
    "none": lambda images: images,
    "mirrored": lambda images: images[:, :, ::-1],
    "brighter": lambda images: clipped(images * 1.1),
    "less contrast": lambda images: clipped(128 + 0.7 * (images - 128.0)),
    "noise": lambda images: clipped(images + np.random.default_rng(7).normal(0, 5, images.shape)),
    "shifted by 1": shifted(1, 1),
    "shifted by 3": shifted(3, 2),
    "mirrored and shifted": lambda images: shifted(0, 2)(images[:, :, ::-1]),
    "cropped": cropped(1 / 16, 1 / 16, 1 / 16, 1 / 16),
    "cropped at two sides": cropped(0, 0, 1 / 8, 1 / 8),
    "cropped by 1/8": cropped(1 / 8, 1 / 8, 1 / 8, 1 / 8),
    "mirrored, cropped and darker": lambda images: cropped(0.1, 0.05, 0.05, 0.1)(clipped(0.8 * images[:, :, ::-1])),
}


def test_every_image_is_found_among_many_others_with_its_copy():
    real, synthetic = noise(0, 150), noise(1, 3000)
    positions = np.sort(np.random.default_rng(2).permutation(3000)[:150])
    synthetic[positions] = real
    assert find_equal(real, synthetic).tolist() == positions.tolist()
    copies = find_changed(synthetic, real)
    assert np.flatnonzero(copies.indices >= 0).tolist() == positions.tolist()
    assert copies.indices[positions].tolist() == list(range(150))
    assert copies.distances[positions].max() < 0.01
    assert set(np.delete(copies.distances, positions)) == {2}


def test_copies_in_every_tile_are_found(monkeypatch):
    monkeypatch.setattr(leaks, "TILE", 16)
    monkeypatch.setattr(leaks, "CHUNK", 10_000)
    monkeypatch.setattr(alignment, "PAIRS", 7)
    real = smooth(0, MIN_IMAGES)
    assert find_changed(real[::-1], real).indices.tolist() == list(range(MIN_IMAGES - 1, -1, -1))


def test_equal_means_every_pixel():
    real = noise(0, 3)
    other = real.copy()
    other[1, 0, 0, 0] ^= 1
    assert find_equal(real, other).tolist() == [0, -1, 2]
    assert find_equal(real, real[:, :, ::-1]).tolist() == [0, 1, 2]
    assert find_equal(real, real[:, ::-1]).tolist() == [-1, -1, -1]
    assert find_equal(real, real[[2, 2, 0]]).tolist() == [2, -1, 0]


@pytest.mark.parametrize("change", CHANGES)
def test_changed_copies_are_found(change):
    real, synthetic = smooth(0, 200), smooth(1, 60)
    synthetic[20:40] = CHANGES[change](real[:20])
    assert find_changed(synthetic, real).indices.tolist() == [*[-1] * 20, *range(20), *[-1] * 20]


def test_strongly_changed_copies_are_not_found():
    """What cannot be found is stated in the documentation: that changes when this does."""
    real = smooth(0, 200)
    rotated = np.rot90(real[:20], axes=(1, 2))
    halves = np.concatenate([real[:20, :, :16], real[20:40, :, 16:]], axis=2)
    for images in (rotated, halves, 255 - real[:20], cropped(1 / 4, 1 / 4, 1 / 4, 1 / 4)(real[:20])):
        assert (find_changed(images, real).indices >= 0).sum() <= 2


@pytest.mark.parametrize("size", [8, 32, 70])
@pytest.mark.parametrize("draw", [noise, smooth])
def test_independent_images_are_not_found(draw, size):
    synthetic, real = draw(0, 300, size), draw(1, MIN_IMAGES, size)
    assert set(find_equal(synthetic, real)) == {-1}
    assert set(find_changed(synthetic, real).indices) == {-1}


def test_images_of_one_value_are_only_found_by_equal_pixels():
    values = np.arange(0, 200, dtype=np.uint8)
    real = np.broadcast_to(values[:, None, None, None], (200, 16, 16, 3)).copy()
    assert set(find_changed(real + np.uint8(1), real).indices) == {-1}
    assert find_equal(real, real).tolist() == list(range(200))


def test_held_back_digits_are_not_taken_for_copies():
    """8 x 8 digits look alike; this fails with a limit on the distance alone."""
    from suite.datasets.digits import DigitsSource

    train, test = (
        np.stack([example.image for example in DigitsSource().examples(split)]) for split in ("train", "test")
    )
    assert (find_equal(train, test) >= 0).sum() == 0
    assert (find_changed(train, test).indices >= 0).sum() == 0
    assert (find_changed(test, train).indices >= 0).sum() == 0
    hidden = np.concatenate([train, test[:50]])
    assert find_changed(hidden, test).indices.tolist() == [*[-1] * 1437, *range(50)]


def test_a_similar_image_is_a_copy_only_if_other_real_images_are_far_away():
    real = smooth(0, 150)
    changed = CHANGES["noise"](real[:10])
    assert find_changed(changed, real).indices.tolist() == list(range(10))
    real[100:110] = clipped(0.95 * real[:10] + 0.05 * real[110:120])
    assert (find_changed(changed, real).indices[:10] >= 0).sum() == 0


def test_with_few_real_images_only_equal_pixels_count():
    real = smooth(0, MIN_IMAGES)
    changed = CHANGES["noise"](real[:10])
    assert find_changed(changed, real).indices.tolist() == list(range(10))
    assert set(find_changed(changed, real[:-1]).indices) == {-1}
    assert find_equal(real[:10], real[:-1]).tolist() == list(range(10))


@pytest.mark.parametrize(("synthetic_count", "real_count"), [(0, 5), (5, 0), (5, 1), (0, 0), (0, 200)])
def test_empty_sets_have_no_copies(synthetic_count, real_count):
    synthetic, real = noise(0, synthetic_count), noise(0, real_count)
    assert (find_equal(synthetic, real) >= 0).sum() == min(synthetic_count, real_count)
    assert find_changed(synthetic, real).indices.tolist() == [-1] * synthetic_count


def test_alignment_finds_position_and_scale_from_nearby():
    images = smooth(0, 20, size=64)
    box = (0.10, 0.04, 0.06, 0.11)
    full, start = Window(0, 0, 1, 1), Window(1 / 16, 1 / 16, 15 / 16, 15 / 16)
    indices = np.arange(20)
    copies = cropped(*box)(images)
    assert aligned_distances(copies, images, indices, [(full, start)] * 20).max() < 0.1
    assert aligned_distances(copies, images, (indices + 1) % 20, [(full, start)] * 20).min() > 0.4
    assert aligned_distances(copies[:0], images, indices[:0], []).shape == (0,)


def test_an_alignment_that_compares_little_does_not_count(monkeypatch):
    images = smooth(0, 5)
    monkeypatch.setattr(alignment, "STEPS", 1)
    corner = (Window(0.5, 0.5, 1, 1), Window(0, 0, 0.5, 0.5))
    assert set(aligned_distances(images, images, np.arange(5), [corner] * 5)) == {2}


def test_windows_are_rounded_to_pixels():
    assert Window(1 / 16, 0, 1, 7 / 8).slices(32) == (slice(0, 28), slice(2, 32))

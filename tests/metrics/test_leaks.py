"""Search for test images among synthetic images: planted copies, changed copies, and images that are none."""

import numpy as np
import pytest

from suite.metrics import leaks
from suite.metrics.leaks import find_close, find_equal, find_similar


def smooth(seed, count, size=32):
    """Return random images without fine detail, uint8."""
    coarse = np.random.default_rng(seed).integers(0, 256, (count, size // 8, size // 8, 3))
    images = np.repeat(np.repeat(coarse, 8, axis=1), 8, axis=2).astype(np.float64)
    for axis in (1, 2):
        images = sum(np.roll(images, step, axis=axis) for step in range(-3, 4)) / 7
    return images.astype(np.uint8)


def noise(seed, count, size=8):
    return np.random.default_rng(seed).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


def clipped(values):
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


CHANGES = {
    "none": lambda images: images,
    "mirrored": lambda images: images[:, :, ::-1],
    "brighter": lambda images: clipped(images * 1.1),
    "less contrast": lambda images: clipped(128 + 0.7 * (images - 128.0)),
    "noise": lambda images: clipped(images + np.random.default_rng(7).normal(0, 5, images.shape)),
    "shifted": lambda images: np.roll(images, (1, -1), axis=(1, 2)),
    "mirrored and shifted": lambda images: np.roll(images[:, :, ::-1], 1, axis=2),
}


def test_every_test_image_is_found_among_many_others_with_its_copy():
    test, synthetic = noise(0, 50), noise(1, 3000)
    positions = np.random.default_rng(2).permutation(3000)[:50]
    synthetic[positions] = test
    assert find_equal(synthetic, test).tolist() == positions.tolist()
    assert find_similar(synthetic, test, 8).tolist() == positions.tolist()


def test_copies_in_every_tile_are_found(monkeypatch):
    monkeypatch.setattr(leaks, "TILE", 16)
    monkeypatch.setattr(leaks, "PAIRS", 7)
    monkeypatch.setattr(leaks, "CHUNK", 1000)
    test = noise(0, 50)
    assert find_similar(test[::-1], test, 8).tolist() == list(range(49, -1, -1))
    vectors = test.reshape(50, -1).astype(np.float32)
    assert find_close(vectors[::-1].copy(), vectors).tolist() == list(range(49, -1, -1))


def test_equal_means_every_pixel():
    test = noise(0, 3)
    other = test.copy()
    other[1, 0, 0, 0] ^= 1
    assert find_equal(other, test).tolist() == [0, -1, 2]
    assert find_equal(test[:, :, ::-1], test).tolist() == [0, 1, 2]
    assert find_equal(test[:, ::-1], test).tolist() == [-1, -1, -1]
    assert find_equal(test[[2, 2, 0]], test).tolist() == [2, -1, 0]


@pytest.mark.parametrize("change", CHANGES)
def test_changed_copies_are_similar(change):
    test, synthetic = smooth(0, 40), smooth(1, 200)
    synthetic[100:120] = CHANGES[change](test[:20])
    assert find_similar(synthetic, test, 16).tolist() == [*range(100, 120), *[-1] * 20]


@pytest.mark.parametrize("size", [8, 32, 70])
@pytest.mark.parametrize("draw", [noise, smooth])
def test_independent_images_are_not_found(draw, size):
    synthetic, test = draw(0, 500, size), draw(1, 100, size)
    assert set(find_equal(synthetic, test)) == {-1}
    if draw is noise or size > 8:  # one colour per image is no image
        assert set(find_similar(synthetic, test, min(size, 16))) == {-1}


def test_images_of_one_value_are_only_found_by_equal_pixels():
    values = np.arange(0, 200, 10, dtype=np.uint8)
    test = np.broadcast_to(values[:, None, None, None], (20, 16, 16, 3)).copy()
    assert set(find_similar(test + np.uint8(1), test, 16)) == {-1}
    assert find_equal(test, test).tolist() == list(range(20))


def test_training_images_of_digits_are_not_taken_for_copies():
    """8 x 8 digits look alike; this fails with a limit on the distance alone."""
    from suite.datasets.digits import DigitsSource

    train, test = (
        np.stack([example.image for example in DigitsSource().examples(split)]) for split in ("train", "test")
    )
    assert (find_equal(train, test) >= 0).sum() == 0
    assert (find_similar(train, test, 8) >= 0).sum() == 0
    hidden = np.concatenate([train, test[:50]])
    assert find_similar(hidden, test, 8).tolist() == [*range(1437, 1487), *[-1] * 310]


def test_similar_images_of_a_small_test_set_are_not_taken_for_copies():
    """With two test images, the distance between them says little, and the limit on the distance counts."""
    test = smooth(0, 2)
    other = clipped(0.8 * test + 0.2 * smooth(1, 2))
    distances = leaks._pair_distances(test, np.arange(2), other, np.arange(2))
    assert ((distances > leaks.CLOSE) & (distances < 2 * leaks.CLOSE)).all()
    assert find_similar(other, test, 16).tolist() == [-1, -1]


def test_close_features_are_relative_to_the_nearest_other_test_image():
    test = np.array([[0, 0], [10, 0], [0, 100], [1000, 1000]], dtype=np.float32)
    synthetic = test + np.float32(2)
    assert find_close(synthetic, test).tolist() == [0, 1, 2, 3]
    assert find_close(test + np.float32(4), test).tolist() == [-1, -1, 2, 3]
    assert set(find_close(np.random.default_rng(0).normal(size=(500, 64)).astype(np.float32), test=TEST)) == {-1}


TEST = np.random.default_rng(1).normal(size=(100, 64)).astype(np.float32)


@pytest.mark.parametrize(("synthetic_count", "test_count"), [(0, 5), (5, 0), (5, 1), (0, 0)])
def test_without_two_test_images_there_are_no_similar_ones(synthetic_count, test_count):
    synthetic, test = noise(0, synthetic_count), noise(0, test_count)
    assert (find_equal(synthetic, test) >= 0).sum() == min(synthetic_count, test_count)
    assert find_similar(synthetic, test, 8).tolist() == [-1] * test_count
    vectors = [images.reshape(len(images), 192).astype(np.float32) for images in (synthetic, test)]
    assert find_close(*vectors).tolist() == [-1] * test_count


def test_a_duplicate_within_the_test_set_is_found_by_equal_pixels_only():
    test = smooth(0, 10)
    test[1] = test[0]
    changed = CHANGES["noise"](test)
    assert find_similar(changed, test, 16).tolist() == [-1, -1, *range(2, 10)]
    assert find_equal(test, test).tolist() == [0, 0, *range(2, 10)]

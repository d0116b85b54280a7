"""Corruptions: properties of each one, references from other libraries, and the recipe."""

from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.colors import hsv_to_rgb, rgb_to_hsv
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from simple_recipes import Painted

from suite.artifacts import Store
from suite.engines.build import build_all
from suite.errors import UsageError
from suite.images.corrupted import CorruptedImages
from suite.images.corruption_table import CORRUPTIONS, SEVERITIES, corruptions_at, parse_corruption
from suite.images.corruptions import blur_along, corrupt_images

GREY = 128


def smooth_images(side: int, count: int = 6) -> NDArray[np.uint8]:
    """Return coloured images with large and small structures."""
    noise = np.random.default_rng(0).random((count, side, side, 3))
    smooth = ndimage.gaussian_filter(noise, (0, side / 10, side / 10, 0), mode="wrap")
    smooth -= smooth.min((1, 2, 3), keepdims=True)
    return np.rint(255 * smooth / smooth.max((1, 2, 3), keepdims=True)).astype(np.uint8)


def grey_images(side: int = 32, count: int = 20) -> NDArray[np.uint8]:
    return np.full((count, side, side, 3), GREY, dtype=np.uint8)


def parameter(name: str, severity: int, position: int = 0) -> float:
    return CORRUPTIONS[name].parameters[severity - 1][position]


@pytest.mark.parametrize("side", [8, 32, 64])
@pytest.mark.parametrize("name", CORRUPTIONS)
def test_images_keep_their_format_and_change(name: str, side: int) -> None:
    images = smooth_images(side, 3)
    for severity in range(1, SEVERITIES + 1):
        corrupted = corrupt_images(images, name, severity, 0)
        assert corrupted.dtype == np.uint8
        assert corrupted.shape == images.shape
        assert side < CORRUPTIONS[name].min_side or (corrupted != images).any()


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_severity_0_changes_nothing(name: str) -> None:
    images = smooth_images(32)
    assert np.array_equal(corrupt_images(images, name, 0, 0), images)


@pytest.mark.parametrize("side", [8, 32, 64])
@pytest.mark.parametrize("name", CORRUPTIONS)
def test_distortion_grows_with_severity(name: str, side: int) -> None:
    if side < CORRUPTIONS[name].min_side:
        pytest.skip("says nothing at this size")
    images = smooth_images(side, 12)
    distortions = [
        np.abs(corrupt_images(images, name, severity, 0).astype(float) - images).mean()
        for severity in range(SEVERITIES + 1)
    ]
    if name == "saturate":  # less colour at the severities 1 and 2, more at 3 to 5
        distortions = [distortions[0], *distortions[3:]]
    if name == "motion-blur":  # the parameters of the severities 3 and 4 differ only where nothing is left to blur
        del distortions[4]
    assert all(less < more for less, more in pairwise(distortions)), distortions


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_an_image_depends_on_seed_and_position_only(name: str) -> None:
    images = smooth_images(32, 4)
    first = corrupt_images(images, name, 3, seed=0)
    assert np.array_equal(first, corrupt_images(images, name, 3, seed=0))
    assert np.array_equal(first[:2], corrupt_images(images[:2], name, 3, seed=0))
    is_random = name in {"gaussian-noise", "shot-noise", "impulse-noise", "motion-blur", "snow", "fog"}
    assert np.array_equal(first, corrupt_images(images, name, 3, seed=1)) != is_random
    same = corrupt_images(np.repeat(images[:1], 2, axis=0), name, 3, seed=0)
    assert np.array_equal(same[0], same[1]) != is_random


@pytest.mark.parametrize("severity", range(1, SEVERITIES + 1))
def test_gaussian_noise_has_the_published_std(severity: int) -> None:
    noise = corrupt_images(grey_images(), "gaussian-noise", severity, 0) / 255 - GREY / 255
    assert noise.std() == pytest.approx(parameter("gaussian-noise", severity), rel=0.02)
    assert abs(noise.mean()) < 0.001


@pytest.mark.parametrize("severity", range(1, SEVERITIES + 1))
def test_shot_noise_is_that_of_photons(severity: int) -> None:
    noisy = corrupt_images(grey_images(), "shot-noise", severity, 0) / 255
    assert noisy.mean() == pytest.approx(GREY / 255, rel=0.01)
    assert noisy.var() == pytest.approx(GREY / 255 / parameter("shot-noise", severity), rel=0.03)


@pytest.mark.parametrize("severity", range(1, SEVERITIES + 1))
def test_impulse_noise_makes_the_published_share_black_or_white(severity: int) -> None:
    noisy = corrupt_images(grey_images(), "impulse-noise", severity, 0)
    assert (noisy != GREY).mean() == pytest.approx(parameter("impulse-noise", severity), rel=0.06)
    assert set(np.unique(noisy)) == {0, GREY, 255}
    assert (noisy == 255).sum() == pytest.approx((noisy == 0).sum(), rel=0.15)


@pytest.mark.parametrize("name", ["gaussian-blur", "defocus-blur", "motion-blur", "zoom-blur"])
@pytest.mark.parametrize("severity", [1, 3, 5])
def test_blur_keeps_a_single_colour_and_smooths(name: str, severity: int) -> None:
    assert np.array_equal(corrupt_images(grey_images(count=1), name, severity, 0), grey_images(count=1))
    images = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3)).astype(np.uint8)
    assert corrupt_images(images, name, severity, 0).std() < images.std() - 1


def test_gaussian_blur_spreads_a_line_by_its_std_and_more_in_larger_images() -> None:
    for side, scale in ((8, 1.0), (32, 1.0), (64, 2.0)):
        line = np.zeros((1, side, side, 3), dtype=np.uint8)
        line[0, side // 2] = 255
        column = corrupt_images(line, "gaussian-blur", 5, 0)[0, :, 0, 0].astype(float)
        spread = np.sqrt(((np.arange(side) - side // 2) ** 2 * column).sum() / column.sum())
        assert spread == pytest.approx(parameter("gaussian-blur", 5) * scale, rel=0.03)


def test_defocus_blur_is_a_disk_at_the_largest_severity() -> None:
    point = np.zeros((1, 32, 32, 3), dtype=np.uint8)
    point[0, 10, 20] = 255
    spread = corrupt_images(point, "defocus-blur", 5, 0)[0, :, :, 0]
    assert np.argwhere(spread > 20).tolist() == [[row, column] for row in (9, 10, 11) for column in (19, 20, 21)]
    assert np.ptp(spread[9:12, 19:22]) == 0


def test_motion_blur_is_half_a_gaussian_in_one_direction() -> None:
    point = np.zeros((32, 32, 3))
    point[10, 20] = 1
    blurred = blur_along(point, 6, 1.5, angle=0)
    expected = np.exp(-(np.arange(13) ** 2) / (2 * 1.5**2))
    assert np.allclose(blurred[10, 20:7:-1, 0], expected / expected.sum())
    assert blurred[:, 21:].sum() == 0
    assert blurred.sum() == pytest.approx(3)
    down = blur_along(point, 6, 1.5, angle=90)
    assert np.allclose(down[10::-1, 20, 0], blurred[10, 20:9:-1, 0])


def test_zoom_blur_is_the_mean_of_zoomed_images() -> None:
    image = smooth_images(32, 1)
    pixels = image[0] / 255
    zoomed = [pixels]
    for step in range(int(parameter("zoom-blur", 2))):
        kept = int(np.ceil(32 / (1 + 0.01 * step)))
        first = (32 - kept) // 2
        factor = 1 + 0.01 * step
        larger = ndimage.zoom(pixels[first : first + kept, first : first + kept], (factor, factor, 1), order=1)
        trimmed = (len(larger) - 32) // 2
        zoomed.append(larger[trimmed : trimmed + 32, trimmed : trimmed + 32])
    expected = np.rint(255 * np.mean(zoomed, axis=0))
    assert np.abs(corrupt_images(image, "zoom-blur", 2, 0)[0] - expected).max() <= 1


@pytest.mark.parametrize("name", ["fog", "snow"])
def test_weather_makes_dark_images_lighter(name: str) -> None:
    dark = smooth_images(32) // 4
    for severity in (1, 3, 5):
        assert corrupt_images(dark, name, severity, 0).mean() > dark.mean()


def test_fog_lowers_the_contrast_and_keeps_the_range() -> None:
    images = smooth_images(32)
    assert corrupt_images(images, "fog", 5, 0).std() < 0.7 * images.std()
    darker = images // 2
    assert corrupt_images(darker, "fog", 5, 0).max() <= darker.max()


@pytest.mark.parametrize("severity", range(1, SEVERITIES + 1))
def test_brightness_and_saturation_agree_with_matplotlib(severity: int) -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype(np.uint8)
    images[0, 0, :4] = ((0, 0, 0), (255, 255, 255), (90, 90, 90), (255, 0, 0))
    hsv = rgb_to_hsv(images / 255)
    brighter, saturated = hsv.copy(), hsv.copy()
    brighter[..., 2] = np.clip(hsv[..., 2] + parameter("brightness", severity), 0, 1)
    factor, added = CORRUPTIONS["saturate"].parameters[severity - 1]
    saturated[..., 1] = np.clip(hsv[..., 1] * factor + added, 0, 1)
    for name, expected in (("brightness", brighter), ("saturate", saturated)):
        found = corrupt_images(images, name, severity, 0).astype(int)
        assert np.abs(found - np.rint(255 * hsv_to_rgb(expected))).max() <= 1


@pytest.mark.parametrize("severity", range(1, SEVERITIES + 1))
def test_contrast_shrinks_the_spread_around_the_mean(severity: int) -> None:
    images = smooth_images(32)
    lower = corrupt_images(images, "contrast", severity, 0)
    for image, changed in zip(images, lower, strict=True):
        assert np.allclose(changed.mean((0, 1)), image.mean((0, 1)), atol=0.3)
        assert np.allclose(
            changed.std((0, 1)), image.std((0, 1)) * parameter("contrast", severity), rtol=0.02, atol=0.1
        )


def test_jpeg_and_pixelate_are_those_of_pillow() -> None:
    images = smooth_images(32)
    file = BytesIO()
    Image.fromarray(images[1]).save(file, "JPEG", quality=58)
    assert np.array_equal(corrupt_images(images, "jpeg", 3, 0)[1], np.asarray(Image.open(file)))
    smaller = Image.fromarray(images[1]).resize((24, 24), Image.Resampling.BOX)
    expected = np.asarray(smaller.resize((32, 32), Image.Resampling.BOX))
    assert np.array_equal(corrupt_images(images, "pixelate", 4, 0)[1], expected)


def test_small_images_have_fewer_corruptions() -> None:
    small = corruptions_at(8)
    assert small == ("gaussian-noise", "shot-noise", "impulse-noise", "gaussian-blur", "brightness", "contrast", "jpeg")
    assert corruptions_at(32) == tuple(CORRUPTIONS)
    assert {corruption.kind for corruption in CORRUPTIONS.values()} == {"noise", "blur", "weather", "digital"}
    assert all(len(corruption.parameters) == SEVERITIES for corruption in CORRUPTIONS.values())


@pytest.mark.parametrize("text", ["", "jpeg", "jpeg-", "jpeg-0", "jpeg-6", "jpeg-1.5", "frost-3", "3"])
def test_unknown_corruption_lists_the_choices(text: str) -> None:
    with pytest.raises(UsageError, match="severity from 1 to 5 after one of gaussian-noise, "):
        parse_corruption(text)
    assert parse_corruption("gaussian-noise-3") == ("gaussian-noise", 3)


def test_the_recipe_keeps_labels_order_and_counts(store: Store) -> None:
    images = Painted(per_class=(3, 2), size=8)
    recipe = CorruptedImages(images=images, corruption="gaussian-noise", severity=3, seed=7)
    unchanged = recipe.model_copy(update={"severity": 0})
    build_all(store, [recipe, unchanged])
    original, corrupted = images.open(store), recipe.open(store)
    assert np.array_equal(corrupted.labels, original.labels)
    assert np.array_equal(corrupted.images, corrupt_images(original.images, "gaussian-noise", 3, 7))
    assert np.array_equal(unchanged.open(store).images, original.images)
    assert (recipe.counts, recipe.side) == ((3, 2), 8)
    with pytest.raises(ValueError, match="no such corruption: rain"):
        recipe.model_copy(update={"corruption": "rain"})

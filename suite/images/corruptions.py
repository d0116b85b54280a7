"""Corruptions of images after Hendrycks and Dietterich, arXiv 1903.12261, with explicit random numbers.

They follow the published code for CIFAR-10-C, with two differences. Results are rounded instead of truncated to whole
numbers. Lengths in pixels, which were chosen for 32x32 pixels, grow in proportion with larger images.
"""

from collections.abc import Callable
from functools import cache
from io import BytesIO
from math import ceil, cos, radians, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from suite.images.corruption_table import CORRUPTIONS, PUBLISHED_SIDE
from suite.randomness import numpy_generator

Pixels = NDArray[np.float64]  # (H, W, 3), 0 to 1
GREY = (0.299, 0.587, 0.114)  # weights of red, green and blue, ITU-R BT.601
ZOOM_STEP = 0.01


def corrupt_images(images: NDArray[np.uint8], name: str, severity: int, seed: int) -> NDArray[np.uint8]:
    """Corrupt every image.

    The random numbers depend on the seed, the corruption and the number of the image, but not on the severity.

    Args:
        images: uint8, (N, side, side, 3).
        name: Name of the corruption in ``CORRUPTIONS``.
        severity: From 1 to 5; 0 returns the images unchanged.
        seed: Seed of the random numbers.
    """
    if severity == 0:
        return images
    corrupt, parameters = _FUNCTIONS[name], CORRUPTIONS[name].parameters[severity - 1]
    corrupted = np.empty_like(images)
    for index, image in enumerate(images):
        pixels = corrupt(image / 255.0, parameters, numpy_generator(seed, f"corruption {name}", index))
        corrupted[index] = _to_uint8(pixels)
    return corrupted


def _to_uint8(pixels: Pixels) -> NDArray[np.uint8]:
    return np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)


def _scale(pixels: Pixels) -> float:
    """Return the factor of lengths in pixels."""
    return max(1.0, len(pixels) / PUBLISHED_SIDE)


def _gaussian_noise(pixels: Pixels, parameters: tuple[float, ...], random: np.random.Generator) -> Pixels:
    return pixels + random.normal(scale=parameters[0], size=pixels.shape)


def _shot_noise(pixels: Pixels, parameters: tuple[float, ...], random: np.random.Generator) -> Pixels:
    return random.poisson(pixels * parameters[0]) / parameters[0]


def _impulse_noise(pixels: Pixels, parameters: tuple[float, ...], random: np.random.Generator) -> Pixels:
    hit, white = random.random(pixels.shape) < parameters[0], random.random(pixels.shape) < 0.5
    return np.where(hit, white, pixels)


def _gaussian_blur(pixels: Pixels, parameters: tuple[float, ...], _: np.random.Generator) -> Pixels:
    sigma = parameters[0] * _scale(pixels)
    blurred: Pixels = ndimage.gaussian_filter(pixels, (sigma, sigma, 0), mode="nearest")
    return blurred


def _defocus_blur(pixels: Pixels, parameters: tuple[float, ...], _: np.random.Generator) -> Pixels:
    radius, edge = parameters[0] * _scale(pixels), parameters[1]
    edge_radius = 1 if radius <= 8 else 2
    offsets = np.arange(-ceil(radius) - edge_radius, ceil(radius) + edge_radius + 1)
    disk = (np.hypot(*np.meshgrid(offsets, offsets)) <= radius).astype(np.float64)
    kernel = ndimage.gaussian_filter(disk / disk.sum(), edge, mode="constant", radius=edge_radius)
    blurred: Pixels = ndimage.convolve(pixels, kernel[:, :, None], mode="mirror")
    return blurred


def _motion_blur(pixels: Pixels, parameters: tuple[float, ...], random: np.random.Generator) -> Pixels:
    scale = _scale(pixels)
    return blur_along(pixels, parameters[0] * scale, parameters[1] * scale, random.uniform(-45, 45))


def blur_along(pixels: Pixels, length: float, sigma: float, angle: float) -> Pixels:
    """Blur in one direction as ImageMagick's motion blur does: half a Gaussian, with whole offsets.

    Args:
        pixels: float64, (H, W, 3).
        length: Length on either side of the centre of a full Gaussian in pixels.
        sigma: Its standard deviation in pixels.
        angle: Direction in degrees; 0 is horizontal.
    """
    steps = np.arange(2 * ceil(length) + 1)
    weights = np.exp(-(steps**2) / (2 * sigma**2))
    rows, columns = np.arange(pixels.shape[0]), np.arange(pixels.shape[1])
    blurred = np.zeros_like(pixels)
    for step, weight in zip(steps, weights / weights.sum(), strict=True):
        down, right = (ceil(step * part(radians(angle)) - 0.5) for part in (sin, cos))
        row, column = np.clip(rows + down, 0, rows[-1]), np.clip(columns + right, 0, columns[-1])
        blurred += weight * pixels[np.ix_(row, column)]
    return blurred


@cache
def _zoom_matrix(side: int, factor: float) -> NDArray[np.float64]:
    """Return the matrix (side, side) that zooms one axis linearly into the centre."""
    kept = ceil(side / factor)
    first = (side - kept) // 2
    zoomed = ndimage.zoom(np.eye(side)[first : first + kept], (factor, 1), order=1)
    trimmed = (len(zoomed) - side) // 2
    matrix: NDArray[np.float64] = zoomed[trimmed : trimmed + side]
    return matrix


def _zoomed(pixels: Pixels, factor: float) -> Pixels:
    matrix = _zoom_matrix(len(pixels), factor)
    zoomed: Pixels = np.einsum("ij,jkc,lk->ilc", matrix, pixels, matrix, optimize=True)
    return zoomed


def _zoom_blur(pixels: Pixels, parameters: tuple[float, ...], _: np.random.Generator) -> Pixels:
    zooms = int(parameters[0])
    return (pixels + sum(_zoomed(pixels, 1 + ZOOM_STEP * step) for step in range(zooms))) / (zooms + 1)


def _snow(pixels: Pixels, parameters: tuple[float, ...], random: np.random.Generator) -> Pixels:
    mean, std, zoom, threshold, length, sigma, share = parameters
    scale = _scale(pixels)
    flakes = _zoomed(random.normal(mean, std, (*pixels.shape[:2], 1)), zoom)
    flakes = np.clip(np.where(flakes < threshold, 0, flakes), 0, 1)
    flakes = blur_along(flakes, length * scale, sigma * scale, random.uniform(-135, -45))
    whitened = np.maximum(pixels, 1.5 * (pixels @ GREY)[:, :, None] + 0.5)
    return share * pixels + (1 - share) * whitened + flakes + np.rot90(flakes, 2)


def _fog(pixels: Pixels, parameters: tuple[float, ...], random: np.random.Generator) -> Pixels:
    amount, decay = parameters
    brightest, side = pixels.max(), len(pixels)
    fog = _plasma(1 << (side - 1).bit_length(), decay, random)[:side, :side, None]
    foggy: Pixels = (pixels + amount * fog) * brightest / (brightest + amount)
    return foggy


def _plasma(side: int, decay: float, random: np.random.Generator) -> NDArray[np.float64]:
    """Return a fractal of the diamond-square algorithm on a torus: float64, (side, side), 0 to 1.

    Args:
        side: Height and width, a power of two.
        decay: Factor by which the square root of the noise of each finer level is smaller.
        random: Source of the noise.
    """
    plasma = np.zeros((side, side))
    step, noise = side, 1.0
    while step >= 2:
        half = step // 2
        corners = plasma[::step, ::step]
        sums = corners + np.roll(corners, -1, 0)
        sums = sums + np.roll(sums, -1, 1)
        plasma[half::step, half::step] = centres = sums / 4 + random.uniform(-noise, noise, sums.shape)
        for rows, columns, axis in ((0, half, 0), (half, 0, 1)):
            sums = corners + np.roll(corners, -1, 1 - axis) + centres + np.roll(centres, 1, axis)
            plasma[rows::step, columns::step] = sums / 4 + random.uniform(-noise, noise, sums.shape)
        step, noise = half, noise / decay**2
    normalised: NDArray[np.float64] = (plasma - plasma.min()) / np.ptp(plasma)
    return normalised


def _brightness(pixels: Pixels, parameters: tuple[float, ...], _: np.random.Generator) -> Pixels:
    value = pixels.max(axis=2, keepdims=True)
    brighter = np.clip(value + parameters[0], 0, 1)
    scaled: Pixels = np.where(value > 0, pixels * brighter / np.where(value > 0, value, 1), brighter)
    return scaled


def _saturate(pixels: Pixels, parameters: tuple[float, ...], _: np.random.Generator) -> Pixels:
    factor, added = parameters
    value = pixels.max(axis=2, keepdims=True)
    below = value - pixels  # by how much each colour is below the largest
    range_ = below.max(axis=2, keepdims=True)
    saturation = np.clip(factor * range_ / np.where(value > 0, value, 1) + added, 0, 1)
    grey = np.array((0.0, 1.0, 1.0))  # grey has the hue of red
    coloured: Pixels = value - value * saturation * np.where(range_ > 0, below / np.where(range_ > 0, range_, 1), grey)
    return coloured


def _contrast(pixels: Pixels, parameters: tuple[float, ...], _: np.random.Generator) -> Pixels:
    mean = pixels.mean(axis=(0, 1))
    flatter: Pixels = (pixels - mean) * parameters[0] + mean
    return flatter


def _pixelate(pixels: Pixels, parameters: tuple[float, ...], _: np.random.Generator) -> Pixels:
    side = len(pixels)
    image = Image.fromarray(_to_uint8(pixels))
    for size in (int(side * parameters[0]), side):
        image = image.resize((size, size), Image.Resampling.BOX)
    return np.asarray(image) / 255.0


def _jpeg(pixels: Pixels, parameters: tuple[float, ...], _: np.random.Generator) -> Pixels:
    file = BytesIO()
    Image.fromarray(_to_uint8(pixels)).save(file, "JPEG", quality=int(parameters[0]))
    return np.asarray(Image.open(file)) / 255.0


_FUNCTIONS: dict[str, Callable[[Pixels, tuple[float, ...], np.random.Generator], Pixels]] = {
    "gaussian-noise": _gaussian_noise,
    "shot-noise": _shot_noise,
    "impulse-noise": _impulse_noise,
    "gaussian-blur": _gaussian_blur,
    "defocus-blur": _defocus_blur,
    "motion-blur": _motion_blur,
    "zoom-blur": _zoom_blur,
    "snow": _snow,
    "fog": _fog,
    "brightness": _brightness,
    "contrast": _contrast,
    "saturate": _saturate,
    "pixelate": _pixelate,
    "jpeg": _jpeg,
}

"""The corruptions of images: their names and their parameters at each severity.

The parameters are those that made CIFAR-10-C, for 32x32 pixels (Hendrycks and Dietterich, "Benchmarking Neural Network
Robustness to Common Corruptions and Perturbations", ICLR 2019, arXiv 1903.12261; ``make_cifar_c.py`` of their code).
Left out are frost, which needs photographs of frost, glass blur, elastic transform, speckle noise and spatter.
"""

from typing import NamedTuple

from suite.errors import UsageError

SEVERITIES = 5
PUBLISHED_SIDE = 32  # pixels


class Corruption(NamedTuple):
    """One corruption.

    Attributes:
        kind: ``noise``, ``blur``, ``weather`` or ``digital``.
        parameters: Parameters of ``suite.images.corruptions`` for the severities 1 to 5.
        min_side: Height and width in pixels below which it says nothing about the original images.
    """

    kind: str
    parameters: tuple[tuple[float, ...], ...]
    min_side: int = 4


CORRUPTIONS: dict[str, Corruption] = {
    "gaussian-noise": Corruption("noise", ((0.04,), (0.06,), (0.08,), (0.09,), (0.10,))),  # std
    "shot-noise": Corruption("noise", ((500,), (250,), (100,), (75,), (50,))),  # photons of a white pixel
    "impulse-noise": Corruption("noise", ((0.01,), (0.02,), (0.03,), (0.05,), (0.07,))),  # share of the values
    "gaussian-blur": Corruption("blur", ((0.4,), (0.6,), (0.7,), (0.8,), (1.0,))),  # std in pixels
    # Radius of a disk in pixels, and std in pixels of the blur of its edge.
    "defocus-blur": Corruption("blur", ((0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1.0, 0.2), (1.5, 0.1)), PUBLISHED_SIDE),
    # Length in each direction and std, in pixels.
    "motion-blur": Corruption("blur", ((6, 1.0), (6, 1.5), (6, 2.0), (8, 2.0), (9, 2.5)), PUBLISHED_SIDE),
    "zoom-blur": Corruption("blur", ((7,), (12,), (16,), (21,), (26,)), PUBLISHED_SIDE),  # number of zooms, 1 % apart
    # Mean and std of the flakes, zoom, threshold, length and std of their motion blur in pixels, share of the image.
    "snow": Corruption(
        "weather",
        (
            (0.1, 0.2, 1.0, 0.6, 8, 3, 0.95),
            (0.1, 0.2, 1.0, 0.5, 10, 4, 0.9),
            (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9),
            (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85),
            (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8),
        ),
        PUBLISHED_SIDE,
    ),
    # Amount, and factor by which each finer level of the fog is weaker.
    "fog": Corruption("weather", ((0.2, 3.0), (0.5, 3.0), (0.75, 2.5), (1.0, 2.0), (1.5, 1.75)), PUBLISHED_SIDE),
    "brightness": Corruption("weather", ((0.05,), (0.10,), (0.15,), (0.20,), (0.30,))),  # added to the HSV value
    "contrast": Corruption("digital", ((0.75,), (0.5,), (0.4,), (0.3,), (0.15,))),  # factor
    # Factor of the HSV saturation, and what is added to it. Grey images only change at the severities 4 and 5.
    "saturate": Corruption("digital", ((0.3, 0.0), (0.1, 0.0), (1.5, 0.0), (2.0, 0.1), (2.5, 0.2)), PUBLISHED_SIDE),
    "pixelate": Corruption("digital", ((0.95,), (0.9,), (0.85,), (0.75,), (0.65,)), PUBLISHED_SIDE),  # factor of side
    "jpeg": Corruption("digital", ((80,), (65,), (58,), (50,), (40,))),  # quality
}


def corruptions_at(side: int) -> tuple[str, ...]:
    """Return the names of the corruptions that mean something at an image size.

    Args:
        side: Height and width in pixels.
    """
    return tuple(name for name, corruption in CORRUPTIONS.items() if side >= corruption.min_side)


def parse_corruption(text: str) -> tuple[str, int]:
    """Return name and severity of a text such as ``gaussian-noise-3``; raises UsageError if there is none."""
    name, _, severity = text.rpartition("-")
    if name not in CORRUPTIONS or severity not in map(str, range(1, SEVERITIES + 1)):
        raise UsageError(
            f"unknown corruption {text!r}: give a severity from 1 to {SEVERITIES} after one of {', '.join(CORRUPTIONS)}"
        )
    return name, int(severity)

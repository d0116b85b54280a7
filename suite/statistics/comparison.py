"""The paired comparison of a case with ``org``: difference, intervals, p-value, and what it could have shown."""

from typing import TYPE_CHECKING

import numpy as np

from suite.statistics.intervals import image_interval
from suite.statistics.summaries import Difference
from suite.statistics.variance_sources import (
    CLASSIFIER_SEEDS,
    half_width,
    minimum_detectable,
    p_value,
    powered_level,
    sources_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


def compare(
    case: "NDArray[np.bool_]", org: "NDArray[np.bool_]", *, smallest_effect: float, alpha: float, seed: int
) -> Difference:
    """Compare a case with ``org`` over the same test images and classifier seeds.

    The answers are paired by image and by classifier seed. Student's t is taken on the paired differences per
    seed, widened by what other test images would change: with three seeds on 360 images, t over seeds alone
    finds a difference where there is none in a third of trials when images vary more than seeds, and a two-level
    bootstrap in a fifth when seeds vary more than images; see
    ``suite.statistics.variance_sources`` for what is done instead.

    With several generator seeds the mean over classifier seeds within each is one value of an outer t. The
    classifier seeds keep a t of their own, because every generator seed is compared with the same ``org``
    classifiers, whose luck the outer t does not see.

    Args:
        case: (generator seeds, classifier seeds, images), whether each answer is right.
        org: (classifier seeds, images), in the same order.
        smallest_effect: Smallest difference of interest, in points.
        alpha: One minus the confidence of the intervals; the level at which ``powered`` is judged.
        seed: Seed of the bootstrap over images.

    Returns:
        The comparison; with a single classifier seed it has no p-value and no interval but the images'.

    Raises:
        ValueError: If the arms do not have the same seeds and images, or fewer than two images.
    """
    if case.ndim != 3 or case.shape[1:] != org.shape or org.shape[1] < 2:
        raise ValueError(f"a case of shape {case.shape} cannot be paired with an org of shape {org.shape}")
    generator_seeds, seeds, images = case.shape
    differences = case.astype(np.int8) - org.astype(np.int8)
    difference = 100 * float(differences.mean())
    described = {
        "difference": difference,
        "image_interval": image_interval(differences, alpha, seed),
        "design": _design(generator_seeds, seeds, images),
        "n_seeds": seeds,
        "n_generator_seeds": generator_seeds,
        "n_images": images,
    }
    if seeds == 1:
        return Difference(
            **described,
            interval=None,
            p=None,
            minimum_detectable=None,
            powered=False,
            powered_level=None,
            limited_by=CLASSIFIER_SEEDS,
        )
    sources = sources_of(differences)
    half = float(half_width(sources, alpha))
    level = powered_level(smallest_effect, sources)
    return Difference(
        **described,
        interval=(difference - half, difference + half),
        p=float(p_value(difference, sources)),
        minimum_detectable=minimum_detectable(sources, alpha),
        powered=level is not None and level <= alpha,
        powered_level=level,
        limited_by=max(sources, key=lambda source: minimum_detectable((source,), alpha)).name,
    )


def _design(generator_seeds: int, seeds: int, images: int) -> str:
    classifiers = f"{seeds} classifier {'seed' if seeds == 1 else 'seeds'}, {images:,} test images"
    if generator_seeds == 1:
        return f"{classifiers}; for this generator"
    return f"{generator_seeds} generator seeds x {classifiers}"

"""The paired comparison of a case with ``org``: difference, intervals, p-value and minimum detectable effect."""

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
    """Compare a case with ``org`` on the same test images with the same classifier seeds.

    Predictions are paired by image and by classifier seed. The interval is Student's t interval of the paired
    differences per seed, widened by the sampling variance of the test images. With three seeds and 360 images, t over
    seeds alone has a false positive rate of a third if images vary more than seeds, and a two-level bootstrap one of a
    fifth if seeds vary more than images; ``suite.statistics.variance_sources`` describes the method used instead.

    With several generator seeds, the mean over the classifier seeds of each is one value of an outer t. Classifier
    seeds are a separate source with their own t, because every generator seed is compared with the same ``org``
    classifiers, whose random variation the outer t does not include.

    Args:
        case: bool, (generator seeds, classifier seeds, images), whether each prediction is correct.
        org: bool, (classifier seeds, images), in the same order.
        smallest_effect: Smallest difference of interest, in percentage points.
        alpha: One minus the confidence level of the intervals; the level of the test for ``powered``.
        seed: Seed of the bootstrap over images.

    Returns:
        The comparison. With one classifier seed it has no p-value, and the image interval is its only interval.

    Raises:
        ValueError: If case and org do not have the same seeds and images, or there are fewer than two images.
    """
    if case.ndim != 3 or case.shape[1:] != org.shape or org.shape[1] < 2:
        raise ValueError(f"a case of shape {case.shape} cannot be paired with an org of shape {org.shape}")
    generator_seeds, seeds, images = case.shape
    differences = case.astype(np.int8) - org.astype(np.int8)
    difference = 100 * float(differences.mean())
    fields = {
        "difference": difference,
        "image_interval": image_interval(differences, alpha, seed),
        "design": _design(generator_seeds, seeds, images),
        "n_seeds": seeds,
        "n_generator_seeds": generator_seeds,
        "n_images": images,
    }
    if seeds == 1:
        return Difference(
            **fields,
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
        **fields,
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

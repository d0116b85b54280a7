"""When copies of real images among synthetic images are reported, and in which words: pure functions."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from suite.metrics.leak_search import CopiedImages, LeakedImages
from suite.results.measurements import generator_seed

MIN_LEAKED, MAX_LEAKED_SHARE = 2, 0.005  # two test images, and more than 0.5 % of them
MIN_COPIES, MIN_COPIES_SHARE = 2, 0.01  # of the search for copies, which takes no held-back image for one
COPIES = "copies(pixels"
MANY_COPIES = 0.05  # by distance: of held-back digits 0 % count as copies of 1,347 training images, 1.6 % of 100


def too_many_leaked(leaked: LeakedImages) -> Iterator[str]:
    """Yield how many test images have a copy, if they are too many for a valid comparison."""
    if _is_too_many(leaked):
        yield f"{leaked.found:,} of {leaked.test_images:,} test images are among the synthetic ones"


def other_leaked(leaked: LeakedImages) -> Iterator[str]:
    """Yield how many test images have a copy, if they are few or classifiers are not tested on them."""
    if leaked.found and not _is_too_many(leaked):
        yield f"copies of {leaked.found:,} of {leaked.test_images:,} test images are among the synthetic ones"
    if leaked.not_evaluated:
        yield f"copies of {leaked.not_evaluated:,} test images that are not used here are among the synthetic ones"


def copied(found: CopiedImages) -> Iterator[str]:
    """Yield the share of synthetic images that are copies of training images by the search, if it is large."""
    if found.found >= MIN_COPIES and found.share >= MIN_COPIES_SHARE:
        kinds = f"{found.exact:,} with equal pixels" + (f", {found.near:,} changed" if found.near else "")
        yield f"{found.share:.0%} of the synthetic images are copies of training images ({kinds})"


def copied_by_distance(measurements: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the share of synthetic images that are copies of training images by the copying metric, if it is large.

    It is the largest share over the generator seeds; the seed is named if there are several.

    Args:
        measurements: As in ``Cell.measurements``.
    """
    copies = [one for one in measurements if one["id"].startswith(COPIES) and "):train:" in one["id"]]
    measured = [one for one in copies if one["value"] is not None]
    largest = max(measured, key=lambda one: float(one["value"]), default=None)
    if largest is not None and largest["value"] >= MANY_COPIES:
        seed = f" of generator seed {generator_seed(largest)}" if len(measured) > 1 else ""
        yield f"{largest['value']:.0%} of the synthetic images{seed} are copies of training images"


def _is_too_many(leaked: LeakedImages) -> bool:
    return leaked.found >= MIN_LEAKED and leaked.found > MAX_LEAKED_SHARE * leaked.test_images

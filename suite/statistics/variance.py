"""Variance of a difference between two cases that share their test images: over seeds, and over test images.

Let X be a matrix of right (100) and wrong (0) predictions, seeds x images. A mean over seeds varies with the choice of
the seeds, a mean over images with the choice of the images, and both contain the interaction of seed and image, the
answer noise. It is estimated by the residual mean square of a two-way analysis of variance, and counted once.

Arrays may have leading axes of independent trials. Variances are in squared percentage points.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def answer_noise(answers: "NDArray[Any]") -> "NDArray[np.float64]":
    """Return the variance that answer noise contributes to the mean over the images of one seed.

    Args:
        answers: (..., seeds, images), right (100) or wrong (0), or the difference of two such matrices; at least two
            seeds and two images.

    Returns:
        (...,), the residual mean square divided by the number of images.
    """
    seeds, images = answers.shape[-2:]
    by_seed, by_image = answers.mean(axis=-1), answers.mean(axis=-2)
    total = (np.square(answers, dtype=np.float64)).sum(axis=(-2, -1))
    grand = by_seed.mean(axis=-1)
    squares = (
        total
        - images * np.square(by_seed).sum(axis=-1)
        - seeds * np.square(by_image).sum(axis=-1)
        + seeds * images * np.square(grand)
    )
    return np.asarray(np.maximum(squares, 0) / ((seeds - 1) * (images - 1)) / images)


def seed_variance(accuracies: "NDArray[np.float64]", noise: "ArrayLike") -> "NDArray[np.float64]":
    """Return the variance between seeds of the accuracy, at least that of the answer noise.

    Args:
        accuracies: (..., seeds), percent.
        noise: (...,), from ``answer_noise``.
    """
    return np.asarray(np.maximum(accuracies.var(axis=-1, ddof=1), noise))


def between_images(by_image: "NDArray[np.float64]", groups: "NDArray[np.int64] | None" = None) -> "NDArray[np.float64]":
    """Return the variance of the mean over images, which includes the answer noise.

    Args:
        by_image: (..., images), means over seeds in percent or percentage points.
        groups: (images,), the group of each image, -1 for none. Images of one group vary together; the estimate is then
            the cluster-robust one (Liang & Zeger 1986) with the factor G / (G - 1) for G groups.
    """
    images = by_image.shape[-1]
    if groups is None:
        return np.asarray(by_image.var(axis=-1, ddof=1) / images)
    clusters, count = cluster_numbers(groups)
    residuals = by_image - by_image.mean(axis=-1, keepdims=True)
    order = np.argsort(clusters, kind="stable")
    sums = np.add.reduceat(residuals[..., order], np.searchsorted(clusters[order], np.arange(count)), axis=-1)
    return np.asarray(np.square(sums).sum(axis=-1) / images**2 * count / (count - 1))


def cluster_numbers(groups: "NDArray[np.int64]") -> tuple["NDArray[np.int64]", int]:
    """Return the cluster of each image, from 0, and their number; an image without a group is a cluster of its own."""
    single = groups < 0
    names = np.where(single, groups.max(initial=0) + 1 + np.arange(len(groups)), groups)
    _, clusters = np.unique(names, return_inverse=True)
    return clusters, int(clusters.max()) + 1


def image_variance(between: "ArrayLike", noise: "ArrayLike", images: int) -> "NDArray[np.float64]":
    """Return the variance over the choice of test images, without the answer noise.

    One image on which the two cases differ is added (Agresti & Min 2005), so that the variance is positive even if
    they agree on every image.

    Args:
        between: From ``between_images``.
        noise: Answer noise that ``between`` contains.
        images: Number of images.
    """
    return np.asarray(np.maximum(0.0, np.asarray(between) - noise) + (100 / images) ** 2)


def welch_df(first: "ArrayLike", second: "ArrayLike", seeds: int) -> "NDArray[np.float64]":
    """Return Welch's degrees of freedom of the sum of two variances, each estimated from ``seeds`` values."""
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    squares = np.square(first) + np.square(second)
    ratio = np.divide(np.square(first + second), squares, out=np.ones_like(squares), where=squares > 0)
    return np.asarray((seeds - 1) * ratio)


def seed_df(case: "ArrayLike", org: "ArrayLike", seeds: int, *, syn: bool) -> "NDArray[np.float64]":
    """Return the degrees of freedom of the sum of the seed variances of a case and of ``org``.

    They are Welch's. For SYN cells they are those of one arm, because Welch's tails are too light where one standard
    deviation is several times the other.
    """
    welch = welch_df(case, org, seeds)
    return np.full_like(welch, seeds - 1) if syn else welch

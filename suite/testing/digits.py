"""A few real images for the contracts: scikit-learn's digits, which need no download."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from suite.artifacts import DataPaths
from suite.compute import Compute
from suite.datasets.content import Content
from suite.datasets.digits import DigitsSource
from suite.datasets.locate import locate
from suite.datasets.real import RealImages, RealSubset
from suite.generators.generator import Request

SIZE = 8
CLASSES = DigitsSource.classes
PER_CLASS = 5
VALIDATION_PER_CLASS = 24


@cache
def content() -> Content:
    """Return classes, counts and content id of the digits, read once per process."""
    with TemporaryDirectory() as memo:
        return locate("digits", DataPaths(), Path(memo)).content


def digits(*per_class: int, part: Literal["fit", "validation"] = "fit") -> RealSubset:
    """Return the recipe of a set of real images of 8x8 pixels.

    Args:
        per_class: Number of images of each of the first classes; the other classes have none.
        part: Which of two sets without a common image to use; ``validation`` has at most 24 images per class.

    Returns:
        The recipe.
    """
    train = content().train
    return RealSubset(
        images=RealImages(dataset="digits", content=content().id, split="train", size=SIZE, per_class=train),
        part=part,
        validation=(VALIDATION_PER_CLASS,) * len(train),
        per_class=(*per_class, *(0 for _ in train[len(per_class) :])),
        seed=0,
    )


def request(*counts: int, seed: int = 0, **compute: Any) -> Request:
    """Return a request for synthetic images of the first classes, with five real images per class for training.

    Args:
        counts: Number of images to make of each class.
        seed: Seed of training and sampling.
        compute: Fields of ``Compute``.

    Returns:
        The request.
    """
    return Request(
        real=digits(*(PER_CLASS for _ in counts)),
        dataset="digits",
        classes=CLASSES[: len(counts)],
        prompts=("the digit {}",),
        size=SIZE,
        counts=counts,
        seed=seed,
        compute=Compute(**compute),
    )

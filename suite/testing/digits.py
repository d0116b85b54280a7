"""A few real images for contracts to work on: scikit-learn's digits, which need no download."""

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
CARVED = 24


@cache
def content() -> Content:
    """Return what the dataset holds; it is read once a process."""
    with TemporaryDirectory() as memo:
        return locate("digits", DataPaths(), Path(memo)).content


def digits(*take: int, part: Literal["fit", "validation"] = "fit") -> RealSubset:
    """Return a set of real images of 8x8 pixels.

    Args:
        take: Images of the first classes; the others have none.
        part: Which of two sets that have no image in common; ``validation`` has at most 24 a class.
    """
    found = content()
    return RealSubset(
        images=RealImages(dataset="digits", content=found.id, split="train", size=SIZE, per_class=found.train),
        part=part,
        validation=(CARVED,) * len(found.train),
        per_class=(*take, *(0 for _ in found.train[len(take) :])),
        seed=0,
    )


def request(*counts: int, seed: int = 0, **compute: Any) -> Request:
    """Return a request for synthetic images of the first classes, with five real ones each to learn from.

    Args:
        counts: Images to make of each class.
        seed: Seed of training and sampling.
        compute: Fields of ``Compute``.
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

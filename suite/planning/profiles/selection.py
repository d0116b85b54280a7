"""Which profile fits: the largest whose trainings this machine carries in some hours."""

from collections.abc import Sequence
from dataclasses import dataclass

from suite.planning.profiles.profile import Budget, load_profile

# Images of 32 x 32 pixels that one worker shows to a classifier of `cpu` in about four hours of a slow core. A GPU is
# worth some hundred cores and carries the larger network of `paper`. Orders of magnitude, for a choice between three.
CARRIED = {"cpu": 2_000_000, "mps": 20_000_000, "cuda": 500_000_000}
PIXELS = 32 * 32
LEAST = "smoke"


@dataclass(frozen=True)
class Amount:
    """How much there is to judge.

    Attributes:
        dataset: Name of the dataset.
        classes: How many classes it has.
        real: Its images.
        synthetic: Images of each synthetic set.
    """

    dataset: str
    classes: int
    real: int
    synthetic: tuple[int, ...] = ()


@dataclass(frozen=True)
class Chosen:
    """A profile, and why it."""

    name: str
    reason: str


def choose_profile(
    amount: Amount, device: str, workers: int, seeds: int | None = None, image_size: int | None = None
) -> Chosen:
    """Return the profile for this much data on this machine.

    ``paper`` needs a GPU. It, or else ``cpu``, is chosen if all classifiers together are shown no more images than the
    workers carry in some hours (an image counts by its pixels); ``smoke``, which takes a small part of the data, if
    even ``cpu`` would show more.

    Args:
        amount: How much there is to judge.
        device: Kind of device, ``cpu``, ``cuda`` or ``mps``.
        workers: Worker processes.
        seeds: Classifier seeds, if not the profile's.
        image_size: Height and width of images, if not the profile's.
    """
    carried = CARRIED[device] * workers
    there = " and ".join((f"{amount.real:,} real", *(f"{count:,} synthetic" for count in amount.synthetic)))
    given = f"{there} images on {workers} {device} worker{'s' * (workers > 1)}"
    for name in ("paper", "cpu") if device == "cuda" else ("cpu",):
        asked = images_shown(amount, load_profile(name).budget(amount.dataset), seeds, image_size)
        if asked <= carried:
            return Chosen(name, f"{given}: classifiers see {_many(asked)} with repetition, of {_many(carried)} at most")
    return Chosen(LEAST, f"{given}: with cpu, classifiers would see {_many(asked)}, of {_many(carried)} at most")


def images_shown(amount: Amount, budget: Budget, seeds: int | None = None, image_size: int | None = None) -> int:
    """Return how many images of 32 x 32 pixels a budget shows to classifiers: ``org``, then ``syn`` and ``mix``."""
    most = budget.data.per_class
    real = min(amount.real, most * amount.classes) if most else amount.real
    synthetic: Sequence[float] = [count * real / max(1, amount.real) for count in amount.synthetic]
    epoch = real + sum(2 * count + real for count in synthetic)
    pixels = (image_size or budget.data.image_size) ** 2 / PIXELS
    return round(epoch * budget.classifier.epochs * (seeds or budget.seeds) * pixels)


def _many(images: int) -> str:
    return f"{images / 1e6:.1f} million" if images >= 100_000 else f"{images:,}"

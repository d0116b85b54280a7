"""Choosing the profile for a user's own images: the largest that this machine can train in a few hours."""

from dataclasses import dataclass

from suite.planning.classifier_plan import find_classifier
from suite.planning.profiles import Budget, load_profile
from suite.statistics.looks import first_look

# Images of 32 x 32 pixels, counted with repetition, on which one worker trains classifiers in about four hours. A slow
# core is assumed for the network of `cpu`; a GPU is as fast as some hundred cores and can train the larger network of
# `paper`. These are orders of magnitude, which suffice to choose one of three profiles.
CAPACITY = {"cpu": 2_000_000, "mps": 20_000_000, "cuda": 500_000_000}
PIXELS = 32 * 32
SMALLEST = "smoke"


@dataclass(frozen=True)
class ImageCounts:
    """The images to evaluate.

    Attributes:
        dataset: Name of the dataset.
        classes: Number of classes.
        real: Number of real images.
        synthetic: Number of images of each synthetic set.
    """

    dataset: str
    classes: int
    real: int
    synthetic: tuple[int, ...] = ()


@dataclass(frozen=True)
class ProfileChoice:
    """Name of a profile, and the reason for it in one line."""

    profile: str
    reason: str


def choose_profile(
    images: ImageCounts,
    classifier: str,
    device: str,
    workers: int,
    seeds: int | None = None,
    image_size: int | None = None,
) -> ProfileChoice:
    """Choose the profile for these images on this machine.

    ``paper`` needs a GPU. The larger of ``paper`` and ``cpu`` is chosen whose classifiers together see no more images
    than the workers can process in a few hours (an image counts by its pixels). If even ``cpu`` needs more, it is
    ``smoke``, which uses a small part of the data.

    Args:
        images: The images to evaluate.
        classifier: Name of the classifier.
        device: Kind of device: ``cpu``, ``cuda`` or ``mps``.
        workers: Number of worker processes.
        seeds: Largest number of classifier seeds; None is the profile's. The first look is counted.
        image_size: Height and width of images in pixels; None is the profile's.
    """
    capacity = CAPACITY[device] * workers
    numbers = " and ".join((f"{images.real:,} real", *(f"{count:,} synthetic" for count in images.synthetic)))
    situation = f"{numbers} images on {workers} {device} worker{'s' * (workers > 1)}"
    for name in ("paper", "cpu") if device == "cuda" else ("cpu",):
        seen = images_seen(images, classifier, load_profile(name).budget(images.dataset), seeds, image_size)
        if seen <= capacity:
            reason = f"{situation}: classifiers see {_rounded(seen)} with repetition, of {_rounded(capacity)} at most"
            return ProfileChoice(name, reason)
    reason = f"{situation}: with cpu, classifiers would see {_rounded(seen)}, of {_rounded(capacity)} at most"
    return ProfileChoice(SMALLEST, reason)


def images_seen(
    images: ImageCounts, classifier: str, budget: Budget, seeds: int | None = None, image_size: int | None = None
) -> int:
    """Return how many images of 32 x 32 pixels the classifiers of a budget see: ``org``, then ``syn`` and ``mix``."""
    plugin, _ = find_classifier(classifier)
    settings = plugin.settings.model_validate(budget.classifier.get(plugin.name, {}))
    epoch = images.real + sum(2 * min(count, images.real) + images.real for count in images.synthetic)
    side = image_size or plugin.image_size(settings) or budget.data.image_size
    epochs = getattr(settings, "epochs", 1)
    return round(epoch * epochs * first_look(seeds or budget.max_seeds) * side**2 / PIXELS)


def _rounded(images: int) -> str:
    return f"{images / 1e6:.1f} million" if images >= 100_000 else f"{images:,}"

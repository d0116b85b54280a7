"""The pictures of synthetic images: which there are, and what they are called in folder, page and bundle."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from suite.artifacts import Recipe, Store
from suite.classifiers.recipes import Predictions
from suite.images import ImageSet
from suite.metrics.recipes import Fidelity
from suite.pictures.grid import Grid, Thumbnails
from suite.pictures.least_agreed import LeastAgreed
from suite.pictures.neighbours import Neighbours

PUBLISHED = (".png", ".svg")  # what lies beside the tables; thumbnails and captions live in the page and the bundle

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Picture:
    """A picture, or several of one kind, and whose it is.

    Attributes:
        recipe: Makes it; every payload file is a picture or says something of one.
        of: Dataset, and generator where it shows one.
    """

    recipe: Recipe
    of: tuple[str, ...]

    def files(self, store: Store) -> dict[str, Path]:
        """Return its files by their names in the report; raises BadArtifact if it is not there, or damaged."""
        artifact = store.get(self.recipe)
        return {picture_name(file, *self.of): artifact.file(file) for file in artifact.manifest.files}


def plan_pictures(
    dataset: str,
    generator: str,
    *,
    real: ImageSet,
    synthetic: ImageSet,
    org: tuple[Predictions, ...],
    fidelity: Sequence[Fidelity],
    classes: tuple[str, ...],
) -> tuple[Picture, ...]:
    """Return the pictures of one synthetic set.

    Args:
        dataset: Name of the dataset.
        generator: Name of the generator.
        real: What the generator learnt from.
        synthetic: What it made.
        org: What classifiers trained on real images say of the synthetic ones, one a seed.
        fidelity: Metrics of the same set; its neighbours are found among pixels if they were searched, else in the
            first of the feature spaces, and not shown where there is none.
        classes: Class names in the order of the labels.
    """
    of_both = (dataset, generator)
    pictures = [
        Picture(Grid(real=real, synthetic=synthetic, classes=classes), of_both),
        Picture(Thumbnails(images=real, classes=len(classes)), (dataset,)),
        Picture(Thumbnails(images=synthetic, classes=len(classes)), of_both),
        Picture(LeastAgreed(synthetic=synthetic, predictions=org, classes=classes), of_both),
    ]
    searched = sorted(fidelity, key=lambda one: one.synthetic.features.extractor != "pixels")
    for one in searched[:1]:
        among = one.reference.features.images
        pictures.append(Picture(Neighbours(synthetic=synthetic, real=among, fidelity=one, classes=classes), of_both))
    return tuple(pictures)


def picture_name(file: str, *of: str) -> str:
    """Return the name of a picture of something: ``grid.png`` of ``digits``, ``cd`` is ``grid-digits-cd.png``.

    Args:
        file: Name of the payload file.
        of: Dataset and generator; what cannot stand in a file name becomes a hash.
    """
    stem, _, suffix = file.partition(".")
    return f"{'-'.join((stem, *(_safe(word) for word in of)))}.{suffix}"


def shows(file: str, dataset: str) -> bool:
    """Return whether a picture is one of a dataset, by its name in the report."""
    return any(f"-{_safe(dataset)}{end}" in file for end in "-.")


def _safe(word: str) -> str:
    safe = _UNSAFE.sub("_", word)
    return safe if safe == word else f"{safe[:40]}_{hashlib.sha256(word.encode()).hexdigest()[:8]}"

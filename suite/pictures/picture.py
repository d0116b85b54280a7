"""Plan the pictures of a synthetic set, and name them in report folder, page and bundle."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from suite.artifacts import Recipe, Store
from suite.audit.audit import Audit
from suite.classifiers.classifier import Predictions
from suite.images import ImageSet
from suite.metrics.recipes import Fidelity
from suite.pictures.audited import AuditedImages
from suite.pictures.grid import Grid, Thumbnails
from suite.pictures.least_agreed import LeastAgreed
from suite.pictures.neighbours import Neighbours

PUBLISHED = (".png", ".svg", ".csv")  # files of the report folder; thumbnails and captions are in page and bundle

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Picture:
    """A picture, or several of one kind, and what it shows.

    Attributes:
        recipe: The recipe; every file of its payload is a picture or the captions of one.
        of: Name of the dataset, and of the generator where the picture belongs to one.
    """

    recipe: Recipe
    of: tuple[str, ...]

    def files(self, store: Store) -> dict[str, Path]:
        """Return the payload files, keyed by their names in the report.

        Args:
            store: Where the artifact is.

        Raises:
            BadArtifact: If the artifact is missing or damaged.
        """
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
    audit: Audit | None = None,
) -> tuple[Picture, ...]:
    """Return the pictures of one synthetic set.

    Args:
        dataset: Name of the dataset.
        generator: Name of the generator.
        real: The images that the generator was trained on.
        synthetic: The generator's images.
        org: Predictions of the ``org`` classifiers for the synthetic images, one per seed.
        fidelity: Metrics of the synthetic set. Nearest neighbours are those in pixel space if it was searched, else
            those in the first feature space; without metrics there is no picture of neighbours.
        classes: Class names in the order of the labels.
        audit: The audit of the synthetic set; None without one.
    """
    of_generator = (dataset, generator)
    pictures = [
        Picture(Grid(real=real, synthetic=synthetic, classes=classes), of_generator),
        Picture(Thumbnails(images=real, classes=len(classes)), (dataset,)),
        Picture(Thumbnails(images=synthetic, classes=len(classes)), of_generator),
        Picture(LeastAgreed(synthetic=synthetic, predictions=org, classes=classes), of_generator),
        *([Picture(AuditedImages(audit=audit), of_generator)] if audit else ()),
    ]
    pixels_first = sorted(fidelity, key=lambda metrics: metrics.synthetic.features.extractor != "pixels")
    for metrics in pixels_first[:1]:
        searched = metrics.reference.features.images
        neighbours = Neighbours(synthetic=synthetic, real=searched, fidelity=metrics, classes=classes)
        pictures.append(Picture(neighbours, of_generator))
    return tuple(pictures)


def picture_name(file: str, *of: str) -> str:
    """Return the name of a picture in the report: ``grid.png`` of ``digits``, ``cd`` is ``grid-digits-cd.png``.

    Args:
        file: Name of the payload file.
        of: Dataset and generator; a name with characters that are unsafe in a file name gets a hash.
    """
    stem, _, suffix = file.partition(".")
    return f"{'-'.join((stem, *(_safe(name) for name in of)))}.{suffix}"


def table_name(dataset: str, generator: str) -> str:
    """Return the name of the table of a synthetic set's images in the report."""
    return f"{_safe(dataset)}-{_safe(generator)}-synthetic_images.csv"


def is_picture_of(file: str, dataset: str) -> bool:
    """Return whether a picture belongs to a dataset.

    Args:
        file: Name of the picture in the report.
        dataset: Name of the dataset.
    """
    return any(f"-{_safe(dataset)}{end}" in file for end in "-.")


def _safe(name: str) -> str:
    safe = _UNSAFE.sub("_", name)
    return safe if safe == name else f"{safe[:40]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"

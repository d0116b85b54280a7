"""Possible copies: the synthetic images closest to a training image, each with that training image."""

from typing import ClassVar

from suite.artifacts import BuildContext, Recipe
from suite.images import ImageSet
from suite.metrics.recipes import NEIGHBOURS, Fidelity
from suite.pictures.sheet_layout import COLUMNS, MAX_CLASSES

PICTURE = "neighbours.png"
THUMBNAILS = "neighbours.webp"


class Neighbours(Recipe):
    """The synthetic images of each class that are closest to a training image, with that image.

    The payload is ``neighbours.png`` with text, and ``neighbours.webp`` without text: two rows per class, the synthetic
    images above their nearest training images, smallest distance first.

    Attributes:
        synthetic: The synthetic images.
        real: The training images that were searched: the reference of ``fidelity``.
        fidelity: The metrics whose nearest-neighbour search is used.
        classes: Class names in the order of the labels.
    """

    step: ClassVar[str] = "neighbours"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.pictures.neighbours",
        "suite.pictures.contact_sheet",
        "suite.pictures.sheet_layout",
    )

    synthetic: ImageSet
    real: ImageSet
    fidelity: Fidelity
    classes: tuple[str, ...]

    @property
    def label(self) -> str:
        """Short description for messages."""
        return f"nearest training images to {self.synthetic.label}"

    def build(self, context: BuildContext) -> None:
        """Select the images and draw them.

        Args:
            context: Where images and neighbours are read and the payload is written.
        """
        import numpy as np

        from suite.pictures.contact_sheet import draw_named, draw_thumbnails

        neighbours = context.artifact(self.fidelity).tensors(NEIGHBOURS)
        synthetic, real = self.synthetic.open(context.store), self.real.open(context.store)
        synthetic_rows, nearest_rows = [], []
        for label in range(min(len(self.classes), MAX_CLASSES)):
            of_class = np.flatnonzero(synthetic.labels == label)
            selected = of_class[np.argsort(neighbours["distance"][of_class], kind="stable")][:COLUMNS]
            synthetic_rows.append(list(synthetic.images[selected]))
            nearest_rows.append(list(real.images[neighbours["index"][selected]]))
        blocks = [("synthetic", synthetic_rows), ("its nearest training image", nearest_rows)]
        draw_named(context.payload / PICTURE, self.classes[:MAX_CLASSES], blocks)
        pairs = zip(synthetic_rows, nearest_rows, strict=True)
        draw_thumbnails(context.payload / THUMBNAILS, [row for pair in pairs for row in pair])

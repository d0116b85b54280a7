"""Are they copies? The synthetic images that lie nearest to training images, beside those."""

from typing import ClassVar

from suite.artifacts import BuildContext, Recipe
from suite.images import ImageSet
from suite.metrics.recipes import NEIGHBOURS, Fidelity
from suite.pictures.grid import COLUMNS, MOST_ROWS

PICTURE = "neighbours.png"
THUMBNAILS = "neighbours.webp"


class Neighbours(Recipe):
    """The synthetic images of each class that come nearest to a training image, with that image.

    The payload is ``neighbours.png``, and ``neighbours.webp`` without any text: two rows a class, the synthetic images
    above their nearest training images, nearest first.

    Attributes:
        synthetic: The images.
        real: The images they are searched among: the reference of ``fidelity``.
        fidelity: Where the search was made.
        classes: Class names in the order of the labels.
    """

    step: ClassVar[str] = "neighbours"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.pictures.neighbours", "suite.pictures.contact_sheet")

    synthetic: ImageSet
    real: ImageSet
    fidelity: Fidelity
    classes: tuple[str, ...]

    @property
    def label(self) -> str:
        """What it is, for people."""
        return f"nearest training images to {self.synthetic.label}"

    def build(self, context: BuildContext) -> None:
        """Choose and draw."""
        import numpy as np

        from suite.pictures.contact_sheet import draw_named, draw_thumbnails

        found = context.artifact(self.fidelity).tensors(NEIGHBOURS)
        synthetic, real = self.synthetic.open(context.store), self.real.open(context.store)
        made, nearest = [], []
        for label in range(min(len(self.classes), MOST_ROWS)):
            of_class = np.flatnonzero(synthetic.labels == label)
            chosen = of_class[np.argsort(found["distance"][of_class], kind="stable")][:COLUMNS]
            made.append(list(synthetic.images[chosen]))
            nearest.append(list(real.images[found["index"][chosen]]))
        blocks = [("synthetic", made), ("its nearest training image", nearest)]
        draw_named(context.payload / PICTURE, self.classes[:MOST_ROWS], blocks)
        pairs = zip(made, nearest, strict=True)
        draw_thumbnails(context.payload / THUMBNAILS, [row for pair in pairs for row in pair])

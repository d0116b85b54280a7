"""Grids of the first images of each class (the paper's figures 2 to 4)."""

from typing import TYPE_CHECKING, ClassVar

from suite.artifacts import BuildContext, Recipe
from suite.images import ImageSet
from suite.pictures.sheet_layout import COLUMNS, GRID_CLASSES, MAX_CLASSES

if TYPE_CHECKING:
    from suite.pictures.contact_sheet import Images

GRID = "grid.png"
THUMBNAILS = "thumbnails.webp"


class Grid(Recipe):
    """The first images of each class, real on the left and synthetic on the right.

    The payload is ``grid.png``, with one row for each of the first ``GRID_CLASSES`` classes.

    Attributes:
        real: Real images.
        synthetic: Synthetic images of the same classes.
        classes: Class names in the order of the labels.
    """

    step: ClassVar[str] = "grid"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.pictures.grid",
        "suite.pictures.contact_sheet",
        "suite.pictures.sheet_layout",
    )

    real: ImageSet
    synthetic: ImageSet
    classes: tuple[str, ...]

    @property
    def label(self) -> str:
        """Short description for messages."""
        return "grid of real and synthetic images"

    def build(self, context: BuildContext) -> None:
        """Draw the picture.

        Args:
            context: Where the images are read and the payload is written.
        """
        from suite.pictures.contact_sheet import draw_named

        classes = self.classes[:GRID_CLASSES]
        blocks = [
            (title, first_of_each(images, len(classes), context))
            for title, images in (("real", self.real), ("synthetic", self.synthetic))
        ]
        draw_named(context.payload / GRID, classes, blocks)


class Thumbnails(Recipe):
    """The first images of each class, small and without text, for the page.

    The payload is ``thumbnails.webp``: one row of ``COLUMNS`` images for each of the first ``MAX_CLASSES`` classes.

    Attributes:
        images: Real or synthetic images.
        classes: Number of classes.
    """

    step: ClassVar[str] = "thumbnails"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.pictures.grid",
        "suite.pictures.contact_sheet",
        "suite.pictures.sheet_layout",
    )

    images: ImageSet
    classes: int

    @property
    def label(self) -> str:
        """Short description for messages."""
        return f"thumbnails of {self.images.label}"

    def build(self, context: BuildContext) -> None:
        """Draw the sheet.

        Args:
            context: Where the images are read and the payload is written.
        """
        from suite.pictures.contact_sheet import draw_thumbnails

        classes = min(self.classes, MAX_CLASSES)
        draw_thumbnails(context.payload / THUMBNAILS, first_of_each(self.images, classes, context))


def first_of_each(images: ImageSet, classes: int, context: BuildContext) -> "list[Images]":
    """Return the first ``COLUMNS`` images of each class.

    Args:
        images: The image set.
        classes: How many classes, from label 0.
        context: Where the image set is read.

    Returns:
        For each class a list of uint8 (height, width, 3).
    """
    opened = images.open(context.store)
    return [list(opened.images[opened.labels == label][:COLUMNS]) for label in range(classes)]

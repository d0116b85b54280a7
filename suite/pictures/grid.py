"""The paper's figures 2 to 4: real images on the left, synthetic ones on the right, a row a class."""

from typing import TYPE_CHECKING, ClassVar

from suite.artifacts import BuildContext, Recipe
from suite.images import ImageSet

if TYPE_CHECKING:
    from suite.pictures.contact_sheet import Images

GRID = "grid.png"
THUMBNAILS = "thumbnails.webp"
COLUMNS = 8
ROWS = 10
MOST_ROWS = 100


class Grid(Recipe):
    """A picture of the first images of each class, real beside synthetic.

    The payload is ``grid.png``. More classes than rows: the first ``ROWS`` are shown.
    """

    step: ClassVar[str] = "grid"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.pictures.grid", "suite.pictures.contact_sheet")

    real: ImageSet
    synthetic: ImageSet
    classes: tuple[str, ...]

    @property
    def label(self) -> str:
        """What it is, for people."""
        return "grid of real and synthetic images"

    def build(self, context: BuildContext) -> None:
        """Draw the picture."""
        from suite.pictures.contact_sheet import draw_named

        shown = self.classes[:ROWS]
        blocks = [
            (title, first_of_each(images, len(shown), context))
            for title, images in (("real", self.real), ("synthetic", self.synthetic))
        ]
        draw_named(context.payload / GRID, shown, blocks)


class Thumbnails(Recipe):
    """The first images of each class, small and without any text: what the page shows class by class.

    The payload is ``thumbnails.webp``: a row a class, ``COLUMNS`` images in it, for the first ``MOST_ROWS`` classes.
    """

    step: ClassVar[str] = "thumbnails"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.pictures.grid", "suite.pictures.contact_sheet")

    images: ImageSet
    classes: int

    @property
    def label(self) -> str:
        """Of what."""
        return f"thumbnails of {self.images.label}"

    def build(self, context: BuildContext) -> None:
        """Draw the sheet."""
        from suite.pictures.contact_sheet import draw_thumbnails

        shown = min(self.classes, MOST_ROWS)
        draw_thumbnails(context.payload / THUMBNAILS, first_of_each(self.images, shown, context))


def first_of_each(images: ImageSet, classes: int, context: BuildContext) -> "list[Images]":
    """Return the first ``COLUMNS`` images of each of the first so many classes."""
    opened = images.open(context.store)
    return [list(opened.images[opened.labels == label][:COLUMNS]) for label in range(classes)]

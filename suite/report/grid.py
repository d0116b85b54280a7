"""The paper's figures 2 to 4: real images on the left, synthetic ones on the right, a row a class."""

from typing import TYPE_CHECKING, ClassVar

from suite.artifacts import Recipe, Workbench
from suite.images import ImageSet

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image as Picture

GRID = "grid.png"
COLUMNS = 8
ROWS = 10
CELL = 48
GAP = 4
NAME_WIDTH = 110
HEAD = 22


class Grid(Recipe):
    """A picture of the first images of each class, real beside synthetic.

    The payload is ``grid.png``. Images are enlarged by a whole factor, pixel by pixel, so that what is seen is what
    the classifier gets. More classes than rows: the first ``ROWS`` are shown.
    """

    step: ClassVar[str] = "grid"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.report.grid",)

    real: ImageSet
    synthetic: ImageSet
    classes: tuple[str, ...]

    @property
    def label(self) -> str:
        """What it is, for people."""
        return "grid of real and synthetic images"

    def build(self, bench: Workbench) -> None:
        """Draw the picture."""
        from PIL import Image, ImageDraw

        sides = [images.open(bench.store) for images in (self.real, self.synthetic)]
        shown = self.classes[:ROWS]
        step = CELL + GAP
        width = NAME_WIDTH + 2 * COLUMNS * step + 3 * GAP
        picture = Image.new("RGB", (width, HEAD + len(shown) * step + GAP), "white")
        draw = ImageDraw.Draw(picture)
        for side, (name, images) in enumerate(zip(("real", "synthetic"), sides, strict=True)):
            left = NAME_WIDTH + side * (COLUMNS * step + 2 * GAP)
            draw.text((left, 5), name, fill="black")
            for row, label in enumerate(range(len(shown))):
                chosen = images.images[images.labels == label][:COLUMNS]
                for column, image in enumerate(chosen):
                    picture.paste(_enlarged(image), (left + column * step, HEAD + row * step))
        for row, name in enumerate(shown):
            draw.text((GAP, HEAD + row * step + CELL // 3), _short(name), fill="black")
        picture.save(bench.payload / GRID, optimize=False)


def _short(name: str) -> str:
    return name if len(name) <= 17 else f"{name[:16]}…"


def _enlarged(image: "np.ndarray") -> "Picture":
    from PIL import Image

    picture = Image.fromarray(image)
    if max(picture.size) > CELL:
        picture.thumbnail((CELL, CELL), Image.Resampling.BICUBIC)
        return picture
    factor = CELL // max(picture.size)
    return picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)

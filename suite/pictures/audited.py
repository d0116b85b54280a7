"""Audited images: the worst and the best synthetic images of each class."""

from typing import TYPE_CHECKING, Any, ClassVar

from suite.artifacts import BuildContext, Recipe
from suite.audit.audit import TABLE, Audit
from suite.pictures.sheet_layout import COLUMNS, MAX_CLASSES, audited_per_class

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

THUMBNAILS = "audited.webp"
CAPTIONS = "audited.json"
SHEET_PIXELS = 2**20  # of a whole sheet, about 150 kB


class AuditedImages(Recipe):
    """The synthetic images of each class whose label has the lowest and the highest probability.

    Planted wrong labels are found more reliably by this order than by the influence, which is a caption.

    The payload is:

    - ``audited.webp``: two rows a class, the worst images first, above the best ones, best first;
    - ``audited.json``: for each of these rows a list of ``index``, ``predicted`` (label), ``probability`` (of the
      image's own label) and ``influence`` (null if it is missing).

    Attributes:
        audit: The audit.
    """

    step: ClassVar[str] = "audited-images"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.pictures.audited",
        "suite.pictures.contact_sheet",
        "suite.pictures.sheet_layout",
    )

    audit: Audit

    @property
    def label(self) -> str:
        """Short description for messages."""
        return f"audited images of {self.audit.synthetic.label}"

    def build(self, context: BuildContext) -> None:
        """Select the images and draw them.

        Args:
            context: Where images and audit are read and the payload is written.
        """
        from suite.pictures.contact_sheet import THUMBNAIL, draw_thumbnails

        table = context.artifact(self.audit).tensors(TABLE)
        images = self.audit.synthetic.open(context.store).images
        classes = min(self.audit.classes, MAX_CLASSES)
        rows = [row for label in range(classes) for row in _ends(table, label, audited_per_class(classes))]
        side = min(THUMBNAIL, int((SHEET_PIXELS / COLUMNS / len(rows)) ** 0.5))
        draw_thumbnails(context.payload / THUMBNAILS, [list(images[row]) for row in rows], side)
        context.write_json(CAPTIONS, [[_caption(table, index) for index in row.tolist()] for row in rows])


def _ends(table: "dict[str, NDArray[Any]]", label: int, count: int) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
    """Return the indices of the worst and of the best images of a class; no image is both."""
    import numpy as np

    members = np.flatnonzero(table["label"] == label)
    order = members[np.argsort(table["probability"][members], kind="stable")]
    count = min(count, (len(order) + 1) // 2)
    return order[:count], order[count:][::-1][:count]


def _caption(table: "dict[str, NDArray[Any]]", index: int) -> dict[str, float | int | None]:
    influence = float(f"{table['influence'][index]:.3g}") if "influence" in table else None
    return {
        "index": index,
        "predicted": int(table["predicted"][index]),
        "probability": round(float(table["probability"][index]), 4),
        "influence": influence,
    }

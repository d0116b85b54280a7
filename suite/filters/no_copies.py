"""``no-copies``: images that are no copies of training images."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from suite.artifacts import BuildContext
from suite.filters.filter import Candidates, Filter, FilterSettings, filters
from suite.filters.filtered import DataUsed, Filtered
from suite.metrics.fidelity.copying import CLOSE
from suite.metrics.recipes import NEIGHBOURS, STATISTICS, Fidelity, plan_copying

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "no-copies"


class CopySettings(FilterSettings):
    """What a copy is.

    Attributes:
        within: An image is a copy if it is at most so many times as far from its nearest training image as that one
            is from its own nearest other; the metric's own measure unless it is set.
    """

    within: Annotated[float, Field(ge=0)] = CLOSE


class NovelImages(Filtered):
    """Images that are no copies, by the measure of the metric that counts copies.

    Attributes:
        copying: The search for copies: the nearest training image of each image.
        settings: What a copy is.
    """

    step: ClassVar[str] = "filter-no-copies"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.filters.no_copies", "suite.filters.filtered")
    filter: ClassVar[str] = NAME
    remedy: ClassVar[str] = f"make images that are no copies, or lower within under [filter.{NAME}]"

    copying: Fidelity
    settings: CopySettings

    @property
    def uses(self) -> tuple[DataUsed, ...]:
        """The images that copies are searched among."""
        return ("real images",)

    def choose(self, context: BuildContext) -> "NDArray[np.bool_]":
        """Keep what is far enough from every training image."""
        nearest = context.artifact(self.copying).tensors(NEIGHBOURS)
        radii = context.artifact(self.copying.reference).tensors(STATISTICS)["radii"]
        novel: NDArray[np.bool_] = nearest["distance"] > self.settings.within * radii[nearest["index"], 0]
        return novel


@filters.register
class NoCopies(Filter):
    """De-duplication against the training set: a copy brings nothing that the real images do not have."""

    name = NAME
    title = "No copies of training images"
    settings = CopySettings

    def filtered(self, candidates: Candidates, settings: FilterSettings) -> Filtered:
        """Return the recipe of the images that are no copies."""
        assert isinstance(settings, CopySettings)
        images, real = candidates.images, candidates.real
        return NovelImages(
            images=images,
            classes=candidates.classes,
            copying=plan_copying(images, real, candidates.compute, size=candidates.size),
            settings=settings,
        )

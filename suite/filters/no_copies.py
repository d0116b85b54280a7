"""``no-copies``: keep images that are not copies of training images."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from suite.artifacts import BuildContext
from suite.filters.filter import Candidates, Filter, FilterSettings, filters
from suite.filters.filtered import DataUsed, FilteredImages
from suite.metrics.fidelity.copying import CLOSE
from suite.metrics.recipes import NEIGHBOURS, STATISTICS, Fidelity, plan_copying

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "no-copies"


class CopySettings(FilterSettings):
    """Settings of ``no-copies``.

    Attributes:
        within: Maximum distance ratio of a copy. The ratio is the distance of an image to its nearest training image,
            divided by the distance of that training image to its nearest other training image. The default is the
            threshold of the metric that counts copies.
    """

    within: Annotated[float, Field(ge=0)] = CLOSE


class NovelImages(FilteredImages):
    """Images that are not copies, by the definition of the metric that counts copies.

    Attributes:
        copying: The search for copies: the nearest training image of each image.
        settings: Settings of the filter.
    """

    step: ClassVar[str] = "filter-no-copies"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.filters.no_copies", "suite.filters.filtered")
    filter: ClassVar[str] = NAME
    remedy: ClassVar[str] = f"generate images that are not copies, or lower within under [filter.{NAME}]"

    copying: Fidelity
    settings: CopySettings

    @property
    def uses(self) -> tuple[DataUsed, ...]:
        """The real images, which are searched for originals."""
        return ("real images",)

    def choose(self, context: BuildContext) -> "NDArray[np.bool_]":
        """Return whether each image is far enough from its nearest training image."""
        nearest = context.artifact(self.copying).tensors(NEIGHBOURS)
        radii = context.artifact(self.copying.reference).tensors(STATISTICS)["radii"]
        novel: NDArray[np.bool_] = nearest["distance"] > self.settings.within * radii[nearest["index"], 0]
        return novel


@filters.register
class NoCopies(Filter):
    """Remove copies of training images, which add no information to the real images."""

    name = NAME
    title = "No copies of training images"
    settings = CopySettings

    def filtered(self, candidates: Candidates, settings: FilterSettings) -> FilteredImages:
        """Return the recipe of the images that are not copies."""
        assert isinstance(settings, CopySettings)
        images, real = candidates.images, candidates.real
        return NovelImages(
            images=images,
            classes=candidates.classes,
            copying=plan_copying(images, real, candidates.compute, size=candidates.size),
            settings=settings,
        )

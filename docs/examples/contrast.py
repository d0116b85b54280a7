"""Drop images that are flatter or harsher than the real ones: a filter in one module."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from suite.artifacts import BuildContext
from suite.filters.filter import Candidates, Filter, FilterSettings
from suite.filters.filtered import DataUsed, Filtered
from suite.images import ImageSet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "contrast"


class ContrastSettings(FilterSettings):
    """Which contrast is usual.

    Attributes:
        quantile: Share of the real images that are flatter, and as large a share that are harsher, than what is kept.
    """

    quantile: Annotated[float, Field(ge=0, lt=0.5)] = 0.01


class UsualImages(Filtered):
    """Images whose values spread as widely as those of the real images do.

    Attributes:
        real: The real training images; their labels are not looked at.
        settings: Which contrast is usual.
    """

    step: ClassVar[str] = "filter-contrast"
    version: ClassVar[int] = 1
    filter: ClassVar[str] = NAME
    remedy: ClassVar[str] = f"lower quantile under [filter.{NAME}], or make images as rich in contrast as the real ones"

    real: ImageSet
    settings: ContrastSettings

    @property
    def uses(self) -> tuple[DataUsed, ...]:
        """The real images, without their labels."""
        return ("real images",)

    def choose(self, context: BuildContext) -> "NDArray[np.bool_]":
        """Keep what lies between the quantiles of the real images' contrast."""
        import numpy as np

        own, real = (_contrast(images.open(context.store).images) for images in (self.images, self.real))
        low, high = np.quantile(real, (self.settings.quantile, 1 - self.settings.quantile))
        usual: NDArray[np.bool_] = (own >= low) & (own <= high)
        return usual


class Contrast(Filter):
    """The spread of an image's values as a judge of looks."""

    name = NAME
    title = "Contrast as usual"
    settings = ContrastSettings

    def filtered(self, candidates: Candidates, settings: FilterSettings) -> Filtered:
        """Return the recipe of the images with the usual contrast."""
        assert isinstance(settings, ContrastSettings)
        return UsualImages(
            images=candidates.images, classes=candidates.classes, real=candidates.real, settings=settings
        )


def _contrast(images: "NDArray[np.uint8]") -> "NDArray[np.float64]":
    """Return the standard deviation of each image's values: float64, (N,), 0 to 127.5."""
    contrast: NDArray[np.float64] = images.reshape(len(images), -1).std(axis=1)
    return contrast

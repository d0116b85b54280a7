"""A filter in one module: drop images with unusually low or high contrast."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from suite.artifacts import BuildContext
from suite.filters.filter import Candidates, Filter, FilterSettings
from suite.filters.filtered import DataUsed, FilteredImages
from suite.images import ImageSet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "contrast"


class ContrastSettings(FilterSettings):
    """Settings of ``contrast``.

    Attributes:
        quantile: Images are kept between this quantile of the real images' contrast and one minus this quantile.
    """

    quantile: Annotated[float, Field(ge=0, lt=0.5)] = 0.01


class UsualContrastImages(FilteredImages):
    """Images whose contrast lies in the usual range of the real images.

    Attributes:
        real: The real training images; their labels are not used.
        settings: Settings of the filter.
    """

    step: ClassVar[str] = "filter-contrast"
    version: ClassVar[int] = 1
    filter: ClassVar[str] = NAME
    remedy: ClassVar[str] = f"lower quantile under [filter.{NAME}], or generate images with the contrast of real ones"

    real: ImageSet
    settings: ContrastSettings

    @property
    def uses(self) -> tuple[DataUsed, ...]:
        """The real images, without their labels."""
        return ("real images",)

    def choose(self, context: BuildContext) -> "NDArray[np.bool_]":
        """Return whether the contrast of each image lies between the quantiles of the real images' contrast."""
        import numpy as np

        contrast, real = (_contrast(images.open(context.store).images) for images in (self.images, self.real))
        low, high = np.quantile(real, (self.settings.quantile, 1 - self.settings.quantile))
        usual: NDArray[np.bool_] = (contrast >= low) & (contrast <= high)
        return usual


class Contrast(Filter):
    """Drop images whose contrast is lower or higher than that of nearly all real images."""

    name = NAME
    title = "Usual contrast"
    settings = ContrastSettings

    def filtered(self, candidates: Candidates, settings: FilterSettings) -> FilteredImages:
        """Return the recipe of the images with the usual contrast."""
        assert isinstance(settings, ContrastSettings)
        return UsualContrastImages(
            images=candidates.images, classes=candidates.classes, real=candidates.real, settings=settings
        )


def _contrast(images: "NDArray[np.uint8]") -> "NDArray[np.float64]":
    """Return the standard deviation of the pixel values of each image: float64, (N,), 0 to 127.5."""
    contrast: NDArray[np.float64] = images.reshape(len(images), -1).std(axis=1)
    return contrast

"""Base class of filters: plugins that select useful images of a generator."""

from abc import ABC, abstractmethod
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from suite.artifacts import DataPaths
from suite.classifiers.classifier import Predictions
from suite.compute import Compute
from suite.errors import UsageError, first_mistake
from suite.filters.filtered import FilteredImages
from suite.images import ImageSet
from suite.registry import Registry


class FilterSettings(BaseModel):
    """Base class of a filter's settings, as set in a profile. They hold everything that changes the selection."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Candidates(BaseModel):
    """The images to select from and all data that a filter may use; never validation or test images.

    Attributes:
        images: The synthetic images.
        real: The real training images of the classifiers; the generator may have been trained on them as well.
        classes: Class names in label order.
        org: Predictions of the ``org`` classifier of the first seed on the synthetic images. It is one classifier
            regardless of the number of seeds, so that more seeds do not change the training set.
        size: Height and width of the images in pixels.
        sides: Input height and width in pixels by extractor, where it is not the extractor's default.
        compute: Precision, memory format and threads.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    images: ImageSet
    real: ImageSet
    classes: tuple[str, ...]
    org: Predictions
    size: int
    sides: dict[str, int]
    compute: Compute


class Filter(ABC):
    """Base class of filter plugins. A filter plans how synthetic images are selected.

    Attributes:
        name: Name in variants, profiles and reports.
        title: Name in the text of reports.
        settings: Model of the settings that a profile may set under ``[filter.<name>]``.
    """

    name: str
    title: str
    settings: type[FilterSettings] = FilterSettings

    def configure(self, values: dict[str, Any], data_paths: DataPaths) -> FilterSettings:  # noqa: ARG002 - for overrides
        """Validate the settings of a profile. Override it if something has to be located first.

        Args:
            values: Settings by name, as set under ``[filter.<name>]``.
            data_paths: Where data and caches are.

        Raises:
            UsageError: If a setting does not exist or has an invalid value.
            Unavailable: If something that the filter needs is not on this machine.
        """
        try:
            return self.settings.model_validate(values)
        except ValidationError as error:
            raise UsageError(f"filter {self.name}, setting {first_mistake(error)}") from error

    @abstractmethod
    def filtered(self, candidates: Candidates, settings: FilterSettings) -> FilteredImages:
        """Return the recipe of the selected images. It holds the recipes it depends on; nothing is built.

        Args:
            candidates: The images to select from and the data that may be used.
            settings: Settings returned by ``configure``.
        """


filters: Registry[Filter] = Registry("filter", "suite.filters")

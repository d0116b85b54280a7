"""A filter: keeps the useful ones of a generator's images."""

from abc import ABC, abstractmethod
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from suite.artifacts import DataPaths
from suite.classifiers.recipes import Predictions
from suite.compute import Compute
from suite.errors import UsageError, first_mistake
from suite.filters.filtered import Filtered
from suite.images import ImageSet
from suite.registry import Registry


class FilterSettings(BaseModel):
    """Base of a filter's settings, as a profile gives them: everything that changes the choice."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Candidates(BaseModel):
    """The images to choose from, and all that a filter may look at; never validation or test images.

    Attributes:
        images: The synthetic images.
        real: The real images that the generator may have learnt from, and that classifiers are trained on.
        classes: Class names in the order of the labels.
        org: What the ``org`` classifier of the first seed says of the synthetic images. One classifier, however many
            seeds there are: more seeds may not change what is trained on.
        size: Height and width of the images in pixels.
        sides: Height and width in pixels at which an extractor looks, where it is not its own.
        compute: How to compute.
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
    """A plugin that plans how synthetic images are chosen.

    Attributes:
        name: The word in variants, profiles and reports.
        title: The name in prose.
        settings: Model of what a profile may set under ``[filter.<name>]``.
    """

    name: str
    title: str
    settings: type[FilterSettings] = FilterSettings

    def configure(self, given: dict[str, Any], data_paths: DataPaths) -> FilterSettings:  # noqa: ARG002 - for those who look
        """Return the settings that a profile gives; a filter that has to find something first overrides it.

        Raises:
            UsageError: If a setting does not exist or cannot be.
            Unavailable: If something it needs is not on this machine.
        """
        try:
            return self.settings.model_validate(given)
        except ValidationError as error:
            raise UsageError(f"filter {self.name}, setting {first_mistake(error)}") from error

    @abstractmethod
    def filtered(self, candidates: Candidates, settings: FilterSettings) -> Filtered:
        """Return the recipe of the images that are kept, with the recipes it needs; pure and quick."""


filters: Registry[Filter] = Registry("filter", "suite.filters")

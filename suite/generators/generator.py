"""A generator: makes labelled synthetic images for a dataset."""

from abc import ABC, abstractmethod
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from suite.artifacts import Places
from suite.compute import Compute
from suite.errors import UsageError
from suite.images import ImageSet
from suite.registry import Registry

Sight = Literal["this train split", "the web", "another domain", "unknown"]


class Settings(BaseModel):
    """Base of a generator's settings, as a profile gives them: everything that changes the images."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Request(BaseModel):
    """What is asked of a generator.

    Attributes:
        real: The real images it may learn from; never validation or test images.
        dataset: Name of the dataset.
        classes: Class names in the order of the labels.
        prompts: Templates with ``{}`` for the class name.
        size: Height and width of the images in pixels.
        counts: Images to make per class, exactly.
        seed: Seed of training and sampling; the generator derives one stream for each.
        compute: How to compute.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    real: ImageSet
    dataset: str
    classes: tuple[str, ...]
    prompts: tuple[str, ...]
    size: int
    counts: tuple[int, ...]
    seed: int
    compute: Compute


class Generator(ABC):
    """A plugin that plans how synthetic images are made.

    Attributes:
        name: The word in options, ids and reports.
        title: The name in prose.
        saw: What its training has seen, for the report's provenance.
        settings: Model of what a profile may set under ``[generator.<name>]``.
    """

    name: str
    title: str
    saw: Sight
    settings: type[Settings]

    def configure(self, given: dict[str, Any], places: Places) -> Settings:  # noqa: ARG002 - for those who look
        """Return the settings that a profile gives; a generator that has to find something first overrides it.

        Raises:
            UsageError: If a setting does not exist or cannot be.
            Unavailable: If something it needs is not on this machine.
        """
        try:
            return self.settings.model_validate(given)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise UsageError(f"generator {self.name}, setting {where}: {first['msg']}") from error

    def guided(self, settings: Settings, guidance: float) -> Settings | None:  # noqa: ARG002
        """Return the settings with another guidance weight; None for a generator that knows no guidance."""
        return None

    def limited(self, settings: Settings, steps: int) -> Settings:  # noqa: ARG002
        """Return the settings with every loop cut to ``steps`` steps; as they are for a generator without loops."""
        return settings

    def available(self, request: Request, settings: Settings) -> tuple[int, ...] | None:  # noqa: ARG002
        """Return how many images of each class there are, where they exist already; None where they are made."""
        return None

    @abstractmethod
    def synthetic(self, request: Request, settings: Settings) -> ImageSet:
        """Return the recipe of the synthetic images, with the recipes it needs; pure and quick.

        Raises:
            Unavailable: If something it needs is not on this machine.
        """


generators: Registry[Generator] = Registry("generator", "suite.generators")

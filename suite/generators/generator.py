"""A generator: makes labelled synthetic images for a dataset."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from suite.artifacts import DataPaths
from suite.compute import Compute
from suite.errors import UsageError, first_mistake
from suite.images import ImageSet
from suite.registry import Registry

TrainedOn = Literal["this train split", "the web", "another domain", "unknown"]


class GeneratorSettings(BaseModel):
    """Base of a generator's settings, as a profile gives them: everything that changes the images.

    Two names mean the same in every generator's settings, however deep they lie: ``steps`` is the length of a loop,
    of training or of sampling, and ``guidance`` the weight of guidance.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    def limited(self, steps: int) -> Self:
        """Return these settings with every loop cut to at most ``steps`` steps."""
        return self._replaced("steps", lambda given: min(given, steps))

    def guided(self, guidance: float) -> Self | None:
        """Return these settings with another guidance weight; None where there is no guidance."""
        changed = self._replaced("guidance", lambda _: guidance)
        return changed if self._holds("guidance") else None

    def _replaced(self, name: str, change: Callable[[Any], Any]) -> Self:
        update = {}
        for field in type(self).model_fields:
            value = getattr(self, field)
            if isinstance(value, GeneratorSettings):
                update[field] = value._replaced(name, change)
            elif field == name:
                update[field] = change(value)
        return self.model_copy(update=update)

    def _holds(self, name: str) -> bool:
        values = (getattr(self, field) for field in type(self).model_fields)
        inner = (value for value in values if isinstance(value, GeneratorSettings))
        return name in type(self).model_fields or any(value._holds(name) for value in inner)


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
        saw: What its training has seen, for the report's provenance; settings may narrow it, see ``data_source``.
        settings: Model of what a profile may set under ``[generator.<name>]``.
    """

    name: str
    title: str
    trained_on: TrainedOn
    has_seeds: bool = True
    settings: type[GeneratorSettings]

    def configure(self, given: dict[str, Any], data_paths: DataPaths) -> GeneratorSettings:  # noqa: ARG002 - for those who look
        """Return the settings that a profile gives; a generator that has to find something first overrides it.

        Raises:
            UsageError: If a setting does not exist or cannot be.
            Unavailable: If something it needs is not on this machine.
        """
        try:
            return self.settings.model_validate(given)
        except ValidationError as error:
            raise UsageError(f"generator {self.name}, setting {first_mistake(error)}") from error

    def data_source(self, settings: GeneratorSettings) -> TrainedOn:  # noqa: ARG002
        """Return what a configured generator has seen; one that knows more than its class overrides it."""
        return self.trained_on

    def about(self, settings: GeneratorSettings, size: int) -> str:  # noqa: ARG002
        """Return what a configured generator is and what it was given, in a few words, for the report.

        Args:
            settings: Its settings.
            size: Height and width in pixels of the images that are asked for.
        """
        return self.title

    def remarks(self, settings: GeneratorSettings) -> tuple[str, ...]:  # noqa: ARG002
        """Return what a reader must know before believing numbers about the images, a short sentence each."""
        return ()

    def available(self, request: Request, settings: GeneratorSettings) -> tuple[int, ...] | None:  # noqa: ARG002
        """Return how many images of each class there are, where they exist already; None where they are made."""
        return None

    @abstractmethod
    def synthetic(self, request: Request, settings: GeneratorSettings) -> ImageSet:
        """Return the recipe of the synthetic images, with the recipes it needs; pure and quick.

        Raises:
            Unavailable: If something it needs is not on this machine.
        """


def resized_to(size: int, made: int) -> str:
    """Return what to add to words about images made at ``made`` pixels that become images of ``size`` pixels."""
    return "" if made == size else f"; {'enlarged' if made < size else 'reduced'} to {size}x{size}"


generators: Registry[Generator] = Registry("generator", "suite.generators")

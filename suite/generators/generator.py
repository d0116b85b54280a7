"""Base class of generators: plugins that make labelled synthetic images for a dataset."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from suite.artifacts import DataPaths
from suite.compute import Compute
from suite.datasets.checks import Check
from suite.errors import UsageError, first_mistake
from suite.images import ImageSet
from suite.registry import Registry

TrainedOn = Literal["this train split", "the web", "another domain", "unknown", "nothing: real images"]
REAL_IMAGES: TrainedOn = "nothing: real images"  # of the ceiling, which is no part of the answer


class GeneratorSettings(BaseModel):
    """Base class of a generator's settings, as set in a profile. They hold everything that changes the images.

    Three field names have the same meaning in the settings of every generator, at any depth of nesting: ``steps`` is
    the number of training or sampling steps, ``guidance`` is the guidance weight, and ``strength`` is the share of the
    noise that a real training image gets before sampling.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    def limited(self, steps: int) -> Self:
        """Return a copy in which every ``steps`` setting is at most ``steps``."""
        return self._with_changed("steps", lambda value: min(value, steps))

    def with_setting(self, name: str, value: Any) -> Self:
        """Return a copy in which every setting of a name has another value."""
        return self._with_changed(name, lambda _: value)

    def has_setting(self, name: str) -> bool:
        """Return whether there is a setting of a name."""
        values = (getattr(self, field) for field in type(self).model_fields)
        nested = (value for value in values if isinstance(value, GeneratorSettings))
        return name in type(self).model_fields or any(value.has_setting(name) for value in nested)

    def _with_changed(self, name: str, change: Callable[[Any], Any]) -> Self:
        update = {}
        for field in type(self).model_fields:
            value = getattr(self, field)
            if isinstance(value, GeneratorSettings):
                update[field] = value._with_changed(name, change)
            elif field == name:
                update[field] = change(value)
        return self.model_copy(update=update)


class Request(BaseModel):
    """A request for synthetic images, passed to a generator.

    Attributes:
        real: Real training images; never validation or test images.
        dataset: Name of the dataset.
        classes: Class names in label order.
        prompts: Prompt templates with ``{}`` for the class name.
        size: Height and width of the images in pixels.
        counts: Exact number of images to make per class.
        seed: Generator seed. Training and sampling each derive their own random stream from it.
        compute: Precision, memory format and threads.
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
    """Base class of generator plugins. A generator plans how synthetic images are made.

    Attributes:
        name: Name in options, case ids and reports.
        title: Name in the text of reports.
        trained_on: What the generator was trained on, for the provenance in the report. If it depends on the
            settings, override ``training_data``.
        has_seeds: Whether another generator seed gives another trained generator or other images. A fixed set of
            images has none and is planned once, whatever the number of generator seeds.
        has_existing_images: Whether it hands out images that exist already. They are read at the size that the
            classifier needs, and not at that of images that are made.
        settings: Model of the settings that a profile may set under ``[generator.<name>]``.
    """

    name: str
    title: str
    trained_on: TrainedOn
    has_seeds: bool = True
    has_existing_images: bool = False
    settings: type[GeneratorSettings]

    def configure(self, values: dict[str, Any], data_paths: DataPaths) -> GeneratorSettings:  # noqa: ARG002 - for overrides
        """Validate the settings of a profile. Override it if something has to be located first.

        Args:
            values: Settings by name, as set under ``[generator.<name>]``.
            data_paths: Where data and caches are.

        Raises:
            UsageError: If a setting does not exist or has an invalid value.
            Unavailable: If something that the generator needs is not on this machine.
        """
        try:
            return self.settings.model_validate(values)
        except ValidationError as error:
            raise UsageError(f"generator {self.name}, setting {first_mistake(error)}") from error

    def training_data(self, settings: GeneratorSettings) -> TrainedOn:  # noqa: ARG002
        """Return what the generator with these settings was trained on; ``trained_on`` by default."""
        return self.trained_on

    def describe(self, settings: GeneratorSettings, size: int) -> str:  # noqa: ARG002
        """Return a short phrase that describes the configured generator, for the report.

        Args:
            settings: Settings of the generator.
            size: Height and width of the requested images in pixels.
        """
        return self.title

    def checks(self, settings: GeneratorSettings) -> tuple[Check, ...]:  # noqa: ARG002
        """Return the outcome of checks on images that exist already; empty for images that are generated on request."""
        return ()

    def notes(self, images: ImageSet) -> tuple[str, ...]:  # noqa: ARG002
        """Return what a reader must know about planned images, as short sentences for ``Cell.notes``."""
        return ()

    def source_names(self, images: ImageSet, settings: GeneratorSettings) -> tuple[str, ...]:  # noqa: ARG002
        """Return the file name of each planned image, in order; empty for images without files of their own."""
        return ()

    def available(self, request: Request, settings: GeneratorSettings) -> tuple[int, ...] | None:  # noqa: ARG002
        """Return the number of existing images per class, or None if images are generated on request."""
        return None

    @abstractmethod
    def synthetic(self, request: Request, settings: GeneratorSettings) -> ImageSet:
        """Return the recipe of the synthetic images. It holds the recipes it depends on; nothing is built.

        Raises:
            Unavailable: If something that the generator needs is not on this machine.
        """


def resized_to(size: int, generated_size: int) -> str:
    """Return the end of a description that says whether generated images are resized.

    Args:
        size: Height and width of the requested images in pixels.
        generated_size: Height and width of the images before resizing.

    Returns:
        For example ``"; enlarged to 32x32"``; empty if the sizes are equal.
    """
    if generated_size == size:
        return ""
    return f"; {'enlarged' if generated_size < size else 'reduced'} to {size}x{size}"


generators: Registry[Generator] = Registry("generator", "suite.generators")


def is_ceiling(name: str) -> bool:
    """Return whether a registered generator hands out real images: what synthetic ones can at best achieve."""
    return name in generators and generators.get(name).trained_on == REAL_IMAGES

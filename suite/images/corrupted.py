"""The recipe of corrupted images."""

from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from suite.artifacts import BuildContext
from suite.artifacts.resources import ARITHMETIC, ResourceRequest
from suite.images.corruption_table import CORRUPTIONS, SEVERITIES
from suite.images.image_set import IMAGES, ImageSet


class CorruptedImages(ImageSet):
    """The images of a set under a corruption, in their order and with their labels.

    Attributes:
        images: The images.
        corruption: Name of the corruption.
        severity: From 1 to 5; 0 changes nothing.
        seed: Seed of its random numbers.
    """

    step: ClassVar[str] = "corrupted-images"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.images.corruptions", "suite.images.corruption_table", "suite.randomness")
    imports: ClassVar[tuple[str, ...]] = ("scipy.ndimage",)
    resources: ClassVar[ResourceRequest] = ARITHMETIC
    creates_pixels: ClassVar[bool] = False

    images: ImageSet
    corruption: str
    severity: Annotated[int, Field(ge=0, le=SEVERITIES)]
    seed: int

    @field_validator("corruption")
    @classmethod
    def _exists(cls, name: str) -> str:
        if name not in CORRUPTIONS:
            raise ValueError(f"no such corruption: {name}")
        return name

    @property
    def counts(self) -> tuple[int, ...] | None:
        """Images per class."""
        return self.images.counts

    @property
    def label(self) -> str:
        """Description, with the name of the original set."""
        return f"{self.images.label}, {self.corruption} {self.severity}"

    def build(self, context: BuildContext) -> None:
        """Corrupt the images."""
        from suite.images.corruptions import corrupt_images

        original = self.images.open(context.store)
        corrupted = corrupt_images(original.images, self.corruption, self.severity, self.seed)
        context.write_tensors(IMAGES, {"images": corrupted, "labels": original.labels})

"""A feature space: an extractor with its weights and input size."""

from pydantic import BaseModel, ConfigDict


class FeatureSpace(BaseModel):
    """An extractor with its weights, applied to images of one size.

    Attributes:
        extractor: Name of the extractor.
        title: Its name in prose.
        weights: Id of its weights.
        resize: Method by which images are resized to the input size.
        side: Input height and width in pixels.
        literature: Whether a Fréchet distance in this space is what papers call FID.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    extractor: str
    title: str
    weights: str
    resize: str
    side: int
    literature: bool

    @property
    def id(self) -> str:
        """The space as part of a metric id: ``efficientnet-lite0@64:bilinear:57934424``."""
        return f"{self.extractor}@{self.side}:{self.resize}:{self.weights}"

    @property
    def frechet(self) -> str:
        """Name of the Fréchet distance: ``fid`` with the weights and resize of the literature, else ``fd``."""
        return "fid" if self.literature else "fd"

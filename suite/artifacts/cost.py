"""Cost estimates of builds, computed from recipes alone."""

from pydantic import BaseModel, ConfigDict


class CostEstimate(BaseModel):
    """Estimated cost of building a recipe, calculated from its fields. Not part of the key.

    Attributes:
        operations: Floating-point operations, with a multiplication and an addition counted as two; None if unknown, 0
            if negligible.
        payload: Bytes of the artifact.
        memory: Peak bytes on the device, without the memory of the device's own libraries.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    operations: float | None = 0.0
    payload: int = 0
    memory: int = 0


class Download(BaseModel):
    """A file or model that a build would download first.

    Attributes:
        what: Name for messages.
        size: Approximate size in bytes; None if unknown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    size: int | None = None

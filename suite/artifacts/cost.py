"""What a build is going to take: estimates from a recipe alone, for a plan that nobody has run yet."""

from pydantic import BaseModel, ConfigDict


class CostEstimate(BaseModel):
    """What building a recipe takes, by arithmetic on its fields; in no key, and no promise.

    Attributes:
        operations: Floating-point operations, a multiplication and an addition counted as two; None where nobody
            knows, 0 where there are too few to count.
        payload: Bytes of the artifact.
        memory: Bytes on the device at the most, beside what the device's own libraries take.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    operations: float | None = 0.0
    payload: int = 0
    memory: int = 0


class Download(BaseModel):
    """Something that a build would fetch first.

    Attributes:
        what: What it is called.
        size: Bytes, about; None where they are not known before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: str
    size: int | None = None

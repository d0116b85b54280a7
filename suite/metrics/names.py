"""What metrics are called: ids that say everything a number depends on, and short names for tables."""

from pydantic import BaseModel, ConfigDict


class Space(BaseModel):
    """A feature space: an extractor with its weights, looking at images of one size.

    Attributes:
        extractor: The extractor's name.
        title: Its name in prose.
        weights: Id of its weights.
        resize: How images reach the input size.
        side: Input height and width in pixels.
        literature: Whether a Fréchet distance here is what papers call FID.
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
        """The space as metric ids have it: ``efficientnet-lite0@64:bilinear:57934424``."""
        return f"{self.extractor}@{self.side}:{self.resize}:{self.weights}"

    @property
    def frechet(self) -> str:
        """``fid`` where literature's weights and resize are used, ``fd`` in every other space."""
        return "fid" if self.literature else "fd"


def metric_id(
    metric: str, space: str, n: int, *, split: str = "", reference_n: int | None = None, **how: object
) -> str:
    """Return a metric's id: ``fd(efficientnet-lite0@64:bilinear:57934424):train:n=1347``.

    Args:
        metric: The word for the metric: ``fid``, ``kid``, ``precision``.
        space: Where distances are taken: a ``Space.id``, or ``pixels``.
        n: Synthetic images.
        split: What the reference is to the generator, empty for a metric without one.
        reference_n: Reference images; the id has it where it is not ``n``: ``n=1000/50000``.
        how: Settings that change the number, such as ``splits=10``.
    """
    size = f"n={n}" if reference_n in (None, n) else f"n={n}/{reference_n}"
    return ":".join([f"{metric}({space})", *([split] if split else []), *(f"{k}={v}" for k, v in how.items()), size])

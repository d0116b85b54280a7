"""The value of one metric, and the id that names everything the value depends on."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict


class Measurement(BaseModel):
    """The value of one metric, with the context needed to interpret it.

    Attributes:
        id: Metric, feature space, reference and numbers of images; see ``metric_id``.
        name: Short name for a table header.
        value: The value; None where it cannot be computed reliably, with the reason in ``note``.
        better: Whether higher or lower values are better.
        bounds: Smallest and largest possible value; None for an open end.
        std: Standard deviation over the splits or subsets whose mean is ``value``.
        interval: 95 % confidence interval.
        per_class: The value of each class, by label; None for a class without one.
        p: p-value under the null hypothesis that both sets come from one distribution.
        n: Number of synthetic images.
        reference_n: Number of reference images; None for a metric without a reference.
        note: Limitations of the value; empty if there are none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    id: str
    name: str
    value: float | None
    better: Literal["higher", "lower"]
    bounds: tuple[float | None, float | None] = (None, None)
    std: float | None = None
    interval: tuple[float, float] | None = None
    per_class: tuple[float | None, ...] | None = None
    p: float | None = None
    n: int
    reference_n: int | None = None
    note: str = ""


def metric_id(
    metric: str,
    space: str,
    n: int,
    *,
    split: str = "",
    reference_n: int | None = None,
    settings: Mapping[str, object] | None = None,
) -> str:
    """Return the id of a metric: ``fd(efficientnet-lite0@64:bilinear:57934424):train:n=1347``.

    Args:
        metric: Short name of the metric: ``fid``, ``kid``, ``precision``.
        space: The ``FeatureSpace.id`` in which distances are computed.
        n: Number of synthetic images.
        split: Role of the reference: ``train``, ``test``; empty for a metric without a reference.
        reference_n: Number of reference images; the id contains it only where it differs from ``n``: ``n=1000/50000``.
        settings: Settings that change the value, such as ``{"splits": 10}``.
    """
    size = f"n={n}" if reference_n in (None, n) else f"n={n}/{reference_n}"
    options = [f"{name}={value}" for name, value in (settings or {}).items()]
    return ":".join([f"{metric}({space})", *([split] if split else []), *options, size])

"""Variants: a case changed along one axis, for the curves that a single table cannot show."""

from collections.abc import Iterator
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from suite.case import Case, Mode
from suite.errors import UsageError

Axis = Literal["ratio", "replace", "scarcity", "budget", "guidance", "augmentation"]
SWEEPS: dict[str, tuple[Axis, ...]] = {
    "ratio": ("ratio", "replace"),
    "scarcity": ("scarcity",),
    "budget": ("budget",),
    "guidance": ("guidance",),
    "augmentation": ("augmentation",),
}


class Variant(BaseModel):
    """One change to one case.

    Attributes:
        axis: What is changed. ``ratio``: every real image and ``value`` times as many synthetic ones; ``replace``: a
            share ``value`` of the real images replaced by synthetic ones, at constant size; ``scarcity``: ``value``
            real images per class, for the generator too; ``budget``: as many optimiser steps as ``org`` takes;
            ``guidance``: sampled with guidance ``value``; ``augmentation``: without crop and flip.
        value: How much; 0 where the axis knows only one change.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    axis: Axis
    value: float = 0.0

    @property
    def name(self) -> str:
        """The word in ids and results: ``ratio-0.5``, ``budget``."""
        return f"{self.axis}-{self.value:g}" if self.value else self.axis

    @classmethod
    def parse(cls, name: str) -> "Variant":
        """Return the variant of a name; raises UsageError if it is none."""
        axis, _, value = name.partition("-")
        try:
            return cls.model_validate({"axis": axis, "value": float(value or 0)})
        except ValueError as error:
            raise UsageError(f"unknown variant {name!r}: axes are {', '.join(get_args(Axis))}") from error


class Sweep(BaseModel):
    """The values that a profile tries on each axis.

    Attributes:
        ratio: Synthetic images per real one.
        replace: Shares of the real images that are replaced.
        scarcity: Real images per class.
        guidance: Guidance weights, as the generator counts them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ratio: tuple[float, ...] = (0.25, 0.5, 2.0, 4.0)
    replace: tuple[float, ...] = (0.25, 0.5, 0.75)
    scarcity: tuple[int, ...] = (10, 25, 100)
    guidance: tuple[float, ...] = (1.5, 2.0, 4.0)

    def values(self, axis: Axis) -> tuple[float, ...]:
        """Return the values of an axis; a single 0 for an axis that knows only one change."""
        return tuple(getattr(self, axis, (0.0,)))


def sweep_of(variant: str) -> str:
    """Return the ``--sweep`` that a variant belongs to; raises UsageError if there is no such variant."""
    axis = Variant.parse(variant).axis
    return next(name for name, axes in SWEEPS.items() if axis in axes)


def variants_of(case: Case, axis: Axis, sweep: Sweep, *, guided: bool) -> Iterator[Case]:
    """Yield the variants of a cell of Table 1 along one axis; nothing where the axis means nothing for it.

    Args:
        case: The cell.
        axis: What is changed.
        sweep: The values to try.
        guided: Whether the case's generator knows guidance.
    """
    means_something = {
        "ratio": case.mode is Mode.MIX,
        "replace": case.mode is Mode.MIX,
        "scarcity": case.mode is not Mode.SYN,
        "budget": case.mode is Mode.MIX,
        "guidance": guided and case.mode is Mode.SYN,
        "augmentation": case.mode is Mode.ORG,
    }
    if means_something[axis]:
        for value in sweep.values(axis):
            yield case.model_copy(update={"variant": Variant(axis=axis, value=value).name})

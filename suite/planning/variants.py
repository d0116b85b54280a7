"""Variants: a case changed along one axis, for the curves that a single table cannot show."""

from collections.abc import Iterator
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from suite.datasets.real import RealSubset
from suite.errors import UsageError
from suite.filters.filter import filters
from suite.images import FirstPerClass, ImageSet, Mixture
from suite.planning.case import Case, Mode

Axis = Literal["ratio", "replace", "scarcity", "budget", "guidance", "augmentation", "filter"]
SWEEPS: dict[str, tuple[Axis, ...]] = {
    "ratio": ("ratio", "replace"),
    "scarcity": ("scarcity",),
    "budget": ("budget",),
    "guidance": ("guidance",),
    "augmentation": ("augmentation",),
    "filter": ("filter",),
}
WORDED: tuple[Axis, ...] = ("filter",)  # axes along which there are names and no numbers


class Variant(BaseModel):
    """One change to one case.

    Attributes:
        axis: What is changed. ``ratio``: every real image and ``value`` times as many synthetic ones; ``replace``: a
            share ``value`` of the real images replaced by synthetic ones, at constant size; ``scarcity``: ``value``
            real images per class, for the generator too; ``budget``: as many optimiser steps as ``org`` takes;
            ``guidance``: sampled with guidance ``value``; ``augmentation``: without crop and flip; ``filter``: the
            synthetic images that the filter called ``word`` keeps.
        value: How much; 0 where the axis knows only one change, or names.
        word: Which, along an axis of names; empty along the others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    axis: Axis
    value: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    word: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]*$")] = ""

    @model_validator(mode="after")
    def _axis_knows_it(self) -> "Variant":
        if bool(self.word) != (self.axis in WORDED) or (self.word and self.value):
            raise ValueError(f"axis {self.axis} takes a {'name' if self.axis in WORDED else 'number'}")
        return self

    @property
    def name(self) -> str:
        """The word in ids and results: ``ratio-0.5``, ``budget``, ``filter-top-k``."""
        return f"{self.axis}-{self.word or format(self.value, 'g')}" if self.word or self.value else self.axis

    @classmethod
    def parse(cls, name: str) -> "Variant":
        """Return the variant of a name; raises UsageError if it is none."""
        axis, _, rest = name.partition("-")
        try:
            which = {"word": rest} if axis in WORDED else {"value": float(rest or 0)}
            variant = cls.model_validate({"axis": axis, **which})
            if variant.name != name:
                raise ValueError("another way to write one")
            return variant
        except ValueError as error:
            raise UsageError(f"unknown variant {name!r}: axes are {', '.join(get_args(Axis))}") from error


class Sweep(BaseModel):
    """The values that a profile tries on each axis.

    Attributes:
        ratio: Synthetic images per real one.
        replace: Shares of the real images that are replaced.
        scarcity: Real images per class.
        scarcity_seeds: Classifier seeds with so few images, for such trainings are cheap and differ more from seed to
            seed; None is as many as for Table 1.
        guidance: Guidance weights, as the generator counts them.
        filter: Names of filters; None is every registered one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ratio: tuple[float, ...] = (0.25, 0.5, 2.0, 4.0)
    replace: tuple[float, ...] = (0.25, 0.5, 0.75)
    scarcity: tuple[int, ...] = (10, 25, 100)
    scarcity_seeds: Annotated[int, Field(ge=1)] | None = None
    guidance: tuple[float, ...] = (1.5, 2.0, 4.0)
    filter: tuple[str, ...] | None = None

    def along(self, axis: Axis) -> tuple[Variant, ...]:
        """Return the variants along an axis; a single one where it knows only one change."""
        if axis == "filter":
            return tuple(Variant(axis=axis, word=name) for name in (filters if self.filter is None else self.filter))
        return tuple(Variant(axis=axis, value=value) for value in getattr(self, axis, (0.0,)))


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
        "filter": case.mode is not Mode.ORG,
    }
    if means_something[axis]:
        for variant in sweep.along(axis):
            yield case.model_copy(update={"variant": variant.name})


def training_set(mode: Mode, real: RealSubset, synthetic: ImageSet, variant: Variant | None = None) -> ImageSet:
    """Return how a generator's images become a training set: alone, with the real ones, or in place of some."""
    if mode is Mode.SYN:
        return synthetic
    if variant is None or variant.axis != "replace":
        return Mixture(parts=(real, synthetic))
    replaced = tuple(round(count * variant.value) for count in real.counts)
    kept = tuple(count - gone for count, gone in zip(real.counts, replaced, strict=True))
    return Mixture(
        parts=(FirstPerClass(images=real, per_class=kept), FirstPerClass(images=synthetic, per_class=replaced))
    )

"""Variants: a case with one setting changed, for curves along an axis."""

from collections.abc import Container, Iterator
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from suite.datasets.real import RealSubset
from suite.errors import UsageError
from suite.filters.filter import filters
from suite.images import FirstPerClass, ImageSet, Mixture
from suite.planning.case import Case, Mode

Axis = Literal["ratio", "replace", "scarcity", "budget", "guidance", "augmentation", "filter", "classifier"]
SWEEPS: dict[str, tuple[Axis, ...]] = {
    "ratio": ("ratio", "replace"),
    "scarcity": ("scarcity",),
    "budget": ("budget",),
    "guidance": ("guidance",),
    "augmentation": ("augmentation",),
    "filter": ("filter",),
    "classifier": ("classifier",),
}
NAMED: tuple[Axis, ...] = ("filter", "classifier")  # axes whose values are names instead of numbers


class Variant(BaseModel):
    """One change to one case.

    Attributes:
        axis: What is changed. ``ratio``: all real images and ``value`` times as many synthetic ones; ``replace``: a
            share ``value`` of the real images is replaced by synthetic ones, at constant size; ``scarcity``: ``value``
            real images per class, also for the generator; ``budget``: as many optimiser steps as ``org``;
            ``guidance``: sampling with guidance ``value``; ``augmentation``: without crop and flip; ``filter``: only
            the synthetic images that the filter ``word`` keeps; ``classifier``: the classifier ``word``.
        value: Value on a numeric axis; 0 for an axis with a single change, or with names.
        word: Name on an axis of names; empty on the others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    axis: Axis
    value: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    word: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]*$")] = ""

    @model_validator(mode="after")
    def _fits_axis(self) -> "Variant":
        if bool(self.word) != (self.axis in NAMED) or (self.word and self.value):
            raise ValueError(f"axis {self.axis} takes a {'name' if self.axis in NAMED else 'number'}")
        return self

    @property
    def name(self) -> str:
        """The name in ids and results: ``ratio-0.5``, ``budget``, ``filter-top-k``."""
        return f"{self.axis}-{self.word or format(self.value, 'g')}" if self.word or self.value else self.axis

    @classmethod
    def parse(cls, name: str) -> "Variant":
        """Return the variant with this name; raises UsageError if there is none."""
        axis, _, rest = name.partition("-")
        try:
            choice = {"word": rest} if axis in NAMED else {"value": float(rest or 0)}
            variant = cls.model_validate({"axis": axis, **choice})
            if variant.name != name:
                raise ValueError("not the canonical name")
            return variant
        except ValueError as error:
            raise UsageError(f"unknown variant {name!r}: axes are {', '.join(get_args(Axis))}") from error


class Sweep(BaseModel):
    """The values of each axis in a profile.

    Attributes:
        ratio: Synthetic images per real one.
        replace: Shares of the real images that synthetic ones replace.
        scarcity: Real images per class.
        guidance: Guidance weights, in the generator's convention.
        filter: Names of filters; None is all registered filters.
        classifier: Names of classifiers other than that of Table 1, with their networks after a colon; None is all
            registered classifiers and, of the linear probe, all networks whose weights are on this machine.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ratio: tuple[float, ...] = (0.25, 0.5, 2.0, 4.0)
    replace: tuple[float, ...] = (0.25, 0.5, 0.75)
    scarcity: tuple[int, ...] = (10, 25, 100)
    guidance: tuple[float, ...] = (1.5, 2.0, 4.0)
    filter: tuple[str, ...] | None = None
    classifier: tuple[str, ...] | None = None

    def along(self, axis: Axis) -> tuple[Variant, ...]:
        """Return the variants on an axis; the names of classifiers must be given."""
        if axis == "filter":
            return tuple(Variant(axis=axis, word=name) for name in (filters if self.filter is None else self.filter))
        if axis == "classifier":
            return tuple(Variant(axis=axis, word=name) for name in self.classifier or ())
        return tuple(Variant(axis=axis, value=value) for value in getattr(self, axis, (0.0,)))


def sweep_of(variant: str) -> str:
    """Return the name of the ``--sweep`` that has a variant; raises UsageError if there is no such variant."""
    axis = Variant.parse(variant).axis
    return next(name for name, axes in SWEEPS.items() if axis in axes)


def variants_of(case: Case, axis: Axis, sweep: Sweep, *, guided: bool, settings: Container[str]) -> Iterator[Case]:
    """Yield the variants of a cell of Table 1 on one axis; none if the axis does not apply to the cell.

    Args:
        case: The cell.
        axis: What is changed.
        sweep: The values to try.
        guided: Whether the case's generator supports guidance.
        settings: Names of the settings of the classifier of Table 1.
    """
    applies = {
        "ratio": case.mode is Mode.MIX,
        "replace": case.mode is Mode.MIX,
        "scarcity": case.mode is not Mode.SYN,
        "budget": case.mode is Mode.MIX and "steps" in settings,
        "guidance": guided and case.mode is Mode.SYN,
        "augmentation": case.mode is Mode.ORG and "augmentation" in settings,
        "filter": case.mode is not Mode.ORG,
        "classifier": True,
    }
    if applies[axis]:
        for variant in sweep.along(axis):
            yield case.model_copy(update={"variant": variant.name})


def training_set(mode: Mode, real: RealSubset, synthetic: ImageSet, variant: Variant | None = None) -> ImageSet:
    """Return the training set of a mode: synthetic images alone, added to the real ones, or replacing some of them."""
    if mode is Mode.SYN:
        return synthetic
    if variant is None or variant.axis != "replace":
        return Mixture(parts=(real, synthetic))
    replaced = tuple(round(count * variant.value) for count in real.counts)
    kept = tuple(count - removed for count, removed in zip(real.counts, replaced, strict=True))
    return Mixture(
        parts=(FirstPerClass(images=real, per_class=kept), FirstPerClass(images=synthetic, per_class=replaced))
    )

"""Variants: a case with one setting changed, for curves along an axis."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from suite.classifiers.classifier import ClassifierSettings
from suite.errors import UsageError
from suite.generators.generator import GeneratorSettings
from suite.images.corruption_table import CORRUPTIONS, SEVERITIES
from suite.planning.axes import AXES, Axis, Value
from suite.planning.case import Case

Factor = Annotated[float, Field(gt=1, allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0, lt=1)]
Severity = Annotated[int, Field(ge=1, le=SEVERITIES)]


class Variant(BaseModel):
    """One change to one case.

    Attributes:
        axis: Name of the axis; ``suite.planning.axes`` has them all.
        value: Value on a numeric axis; 0 for an axis with a single change, or with names.
        word: Name on an axis of names; empty on the others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    axis: str
    value: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    word: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]*$")] = ""

    @field_validator("axis")
    @classmethod
    def _exists(cls, axis: str) -> str:
        if axis not in AXES:
            raise ValueError(f"no such axis: {axis}")
        return axis

    @model_validator(mode="after")
    def _fits_axis(self) -> "Variant":
        takes_name = self.change.takes_name
        if bool(self.word) != takes_name or (self.word and self.value):
            raise ValueError(f"axis {self.axis} takes a {'name' if takes_name else 'number'}")
        return self

    @property
    def change(self) -> Axis:
        """What the variant changes."""
        return AXES[self.axis]

    @property
    def choice(self) -> Value:
        """The number, or the name on an axis of names."""
        return self.word or self.value

    @property
    def name(self) -> str:
        """The name in ids and results: ``ratio-0.5``, ``budget``, ``filter-top-k``."""
        return f"{self.axis}-{self.word or format(self.value, 'g')}" if self.word or self.value else self.axis

    @classmethod
    def parse(cls, name: str) -> "Variant":
        """Return the variant with this name; raises UsageError if there is none."""
        axis, _, rest = name.partition("-")
        try:
            takes_name = axis in AXES and AXES[axis].takes_name
            variant = cls.model_validate(
                {"axis": axis, **({"word": rest} if takes_name else {"value": float(rest or 0)})}
            )
            if variant.name != name:
                raise ValueError("not the canonical name")
            return variant
        except ValueError as error:
            raise UsageError(f"unknown variant {name!r}: axes are {', '.join(AXES)}") from error


class Sweep(BaseModel):
    """The values of each axis in a profile.

    Attributes:
        ratio: Synthetic images per real one.
        replace: Shares of the real images that synthetic ones replace.
        scarcity: Real images per class.
        imbalance: How many times as many real images the first class has as the last.
        guidance: Guidance weights, in the generator's convention.
        strength: Shares of the noise that real images get before sampling.
        filter: Names of filters; None is all registered filters.
        classifier: Names of classifiers other than that of Table 1, with their networks after a colon; None is all
            registered classifiers and, of the linear probe, all networks whose weights are on this machine.
        corruption: Names of corruptions; None is all that mean something at the image size.
        severity: Severities of the corruptions, from 1 to 5.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ratio: tuple[float, ...] = (0.25, 0.5, 2.0, 4.0, 10.0)
    replace: tuple[float, ...] = (0.25, 0.5, 0.75)
    scarcity: tuple[int, ...] = (10, 25, 100)
    imbalance: tuple[Factor, ...] = (10.0, 50.0, 100.0)
    guidance: tuple[float, ...] = (1.5, 2.0, 4.0)
    strength: tuple[Share, ...] = (0.25, 0.5, 0.75)
    filter: tuple[str, ...] | None = None
    classifier: tuple[str, ...] | None = None
    corruption: tuple[str, ...] | None = None
    severity: tuple[Severity, ...] = (1, 3, 5)

    @field_validator("corruption")
    @classmethod
    def _corruptions_exist(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for name in names or ():
            if name not in CORRUPTIONS:
                raise ValueError(f"no such corruption: {name}; choose from {', '.join(CORRUPTIONS)}")
        return names

    def along(self, axis: Axis) -> tuple[Variant, ...]:
        """Return the variants on an axis; the names of classifiers must be given."""
        field = "word" if axis.takes_name else "value"
        return tuple(Variant.model_validate({"axis": axis.name, field: value}) for value in axis.values(self))


def sweep_of(variant: str) -> str:
    """Return the name of the ``--sweep`` that has a variant; raises UsageError if there is no such variant."""
    return Variant.parse(variant).change.sweep


def variants_of(
    case: Case, axis: Axis, sweep: Sweep, generator: GeneratorSettings | None, classifier: type[ClassifierSettings]
) -> Iterator[Case]:
    """Yield the variants of a cell of Table 1 on one axis; none if the axis does not apply to the cell.

    Args:
        case: The cell.
        axis: What is changed.
        sweep: The values to try.
        generator: Settings of its generator; None without one, or if it is not on this machine.
        classifier: Class of the settings of the classifier of Table 1.
    """
    if axis.applies_to(case.mode, generator, classifier):
        for variant in sweep.along(axis):
            yield case.model_copy(update={"variant": variant.name})

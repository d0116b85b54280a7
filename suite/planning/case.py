"""Cases: what is benchmarked, as (dataset, generator, mode)."""

from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, model_validator


class Mode(StrEnum):
    """How a classifier's training set is composed."""

    ORG = "org"
    SYN = "syn"
    MIX = "mix"


class Case(BaseModel):
    """One cell of Table 1, or one cell of a sweep if ``variant`` names what was changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str
    generator: str | None = None
    mode: Mode
    variant: str | None = None

    @model_validator(mode="after")
    def _generator_fits_mode(self) -> "Case":
        if (self.generator is None) != (self.mode is Mode.ORG):
            raise ValueError(f"mode {self.mode} {'takes no' if self.mode is Mode.ORG else 'needs a'} generator")
        return self

    @property
    def id(self) -> str:
        """The id in pytest's brackets: ``digits-org``, ``digits-cd-mix``."""
        parts = (self.dataset, self.generator, self.mode.value, self.variant)
        return "-".join(part for part in parts if part is not None)


class DiscriminatorCase(NamedTuple):
    """One row of the discriminator table: ``org`` classifiers tested on real and on synthetic images."""

    dataset: str
    generator: str

    @property
    def id(self) -> str:
        """The id in pytest's brackets: ``digits-cd``."""
        return "-".join(self)


AnyCase = Case | DiscriminatorCase


def cases_of(dataset: str, generators: tuple[str, ...]) -> tuple[Case, ...]:
    """Return a dataset's row of Table 1: ``org``, then ``syn`` and ``mix`` of each generator."""
    synthetic = (
        Case(dataset=dataset, generator=name, mode=mode) for name in generators for mode in (Mode.SYN, Mode.MIX)
    )
    return (Case(dataset=dataset, mode=Mode.ORG), *synthetic)

"""What is benchmarked: one dataset, one generator, one way to put the training set together."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, model_validator


class Mode(StrEnum):
    """How a classifier's training set is put together."""

    ORG = "org"
    SYN = "syn"
    MIX = "mix"


class Case(BaseModel):
    """One cell of Table 1, or one cell of a sweep when ``variant`` names what was changed."""

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


def cases_of(dataset: str, generators: tuple[str, ...]) -> tuple[Case, ...]:
    """Return a dataset's row of Table 1: ``org``, then ``syn`` and ``mix`` of each generator."""
    made = (Case(dataset=dataset, generator=name, mode=mode) for name in generators for mode in (Mode.SYN, Mode.MIX))
    return (Case(dataset=dataset, mode=Mode.ORG), *made)

"""The rows of Table 1 as data: which generators, the paper's numbers, and the ranges to expect."""

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from suite.errors import UsageError, first_mistake
from suite.planning.case import Case, cases_of

Percent = Annotated[float, Field(ge=0, le=100)]


class Table1Row(BaseModel):
    """One dataset's row: the content of ``cases/<dataset>.toml``.

    Cells are named as in the ids, without the dataset: ``org``, ``cd-mix``.

    Attributes:
        dataset: Name of the dataset; the file's name.
        generators: Names of the generators, in the order of the columns.
        paper: The paper's accuracies in percent, by cell; a cell that the paper leaves out is left out.
        paper_scores: The paper's Inception Score and FID, by cell.
        expected: By profile and cell, the range in percent in which the mean over seeds should lie.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str
    generators: tuple[str, ...]
    paper: dict[str, Percent] = Field(default_factory=dict)
    paper_scores: dict[str, tuple[float, float]] = Field(default_factory=dict)
    expected: dict[str, dict[str, tuple[Percent, Percent]]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _cells_exist(self) -> "Table1Row":
        known = {_cell(case) for case in self.cases}
        named = {*self.paper, *self.paper_scores, *(cell for ranges in self.expected.values() for cell in ranges)}
        if unknown := sorted(named - known):
            raise ValueError(f"no such cell: {', '.join(unknown)}; this row has {', '.join(sorted(known))}")
        return self

    @property
    def cases(self) -> tuple[Case, ...]:
        """The row's cases, in the order of Table 1."""
        return cases_of(self.dataset, self.generators)

    def paper_of(self, case: Case) -> float | None:
        """Return the paper's number for a cell, if it has one."""
        return self.paper.get(_cell(case)) if case.variant is None else None

    def paper_scores_of(self, case: Case) -> tuple[float, float] | None:
        """Return the paper's Inception Score and FID for a cell, if it has them."""
        return self.paper_scores.get(_cell(case)) if case.variant is None else None

    def expected_of(self, case: Case, profile: str) -> tuple[float, float] | None:
        """Return the range a cell's mean should lie in, if one is known for the profile."""
        return self.expected.get(profile, {}).get(_cell(case)) if case.variant is None else None


def read_rows(folder: Path) -> dict[str, Table1Row]:
    """Return the rows of every ``*.toml`` in a folder by dataset, in the order of their names.

    Raises:
        UsageError: If a file is no row; names the file and the first thing wrong with it.
    """
    rows = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            rows[path.stem] = Table1Row.model_validate({"dataset": path.stem, **tomllib.loads(path.read_text("utf-8"))})
        except ValidationError as error:
            raise UsageError(f"{path}: {first_mistake(error)}") from error
        except ValueError as error:  # no TOML, or no UTF-8
            raise UsageError(f"{path}: {error}") from error
    return rows


def _cell(case: Case) -> str:
    return case.id.removeprefix(f"{case.dataset}-")

"""The rows of Table 1 as data: generators, the paper's numbers and expected ranges."""

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
        paper: The paper's accuracies in percent, by cell; without the cells that the paper does not have.
        paper_scores: The paper's Inception Score and FID, by cell.
        expected: Expected range of the mean over seeds in percent, by profile and cell.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str
    generators: tuple[str, ...]
    paper: dict[str, Percent] = Field(default_factory=dict)
    paper_scores: dict[str, tuple[float, float]] = Field(default_factory=dict)
    expected: dict[str, dict[str, tuple[Percent, Percent]]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _cells_exist(self) -> "Table1Row":
        cells = {_cell(case) for case in self.cases}
        mentioned = {*self.paper, *self.paper_scores, *(cell for ranges in self.expected.values() for cell in ranges)}
        if unknown := sorted(mentioned - cells):
            raise ValueError(f"no such cell: {', '.join(unknown)}; this row has {', '.join(sorted(cells))}")
        return self

    @property
    def cases(self) -> tuple[Case, ...]:
        """The row's cases, in the order of Table 1."""
        return cases_of(self.dataset, self.generators)

    def paper_of(self, case: Case) -> float | None:
        """Return the paper's accuracy of a cell in percent, if it has one."""
        return self.paper.get(_cell(case)) if case.variant is None else None

    def paper_scores_of(self, case: Case) -> tuple[float, float] | None:
        """Return the paper's Inception Score and FID of a cell, if it has them."""
        return self.paper_scores.get(_cell(case)) if case.variant is None else None

    def expected_of(self, case: Case, profile: str) -> tuple[float, float] | None:
        """Return the expected range of a cell's mean in percent, if the profile has one."""
        return self.expected.get(profile, {}).get(_cell(case)) if case.variant is None else None


def read_rows(folder: Path) -> dict[str, Table1Row]:
    """Read every ``*.toml`` of a folder; returns the rows by dataset, in alphabetical order.

    Raises:
        UsageError: If a file is not valid; names the file and its first mistake.
    """
    rows = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            rows[path.stem] = Table1Row.model_validate({"dataset": path.stem, **tomllib.loads(path.read_text("utf-8"))})
        except ValidationError as error:
            raise UsageError(f"{path}: {first_mistake(error)}") from error
        except ValueError as error:  # not TOML, or not UTF-8
            raise UsageError(f"{path}: {error}") from error
    return rows


def _cell(case: Case) -> str:
    return case.id.removeprefix(f"{case.dataset}-")

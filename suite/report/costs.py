"""Costs of cells, as recorded when their artifacts were built."""

from collections.abc import Sequence
from dataclasses import dataclass

from suite.results.models import Cell, ResultsFile


@dataclass(frozen=True)
class Cost:
    """Cost of one finished cell of Table 1.

    Attributes:
        cell: The cell.
        generator: Seconds spent training its generator, summed over generator seeds.
        sampling: Seconds spent making its images, summed over generator seeds.
        classifiers: Seconds spent training its classifiers, summed over all seeds.
        memory: Largest peak memory of a build in bytes; 0 if none was recorded.
    """

    cell: Cell
    generator: float
    sampling: float
    classifiers: float
    memory: int

    @property
    def made(self) -> int:
        """Number of synthetic images, summed over generator seeds."""
        return images_made(self.cell)

    @property
    def each(self) -> float | None:
        """Milliseconds of sampling per image; None if no image was made."""
        return 1000 * self.sampling / self.made if self.made else None

    @property
    def seeds(self) -> int:
        """Number of classifiers trained."""
        return len(self.cell.accuracies)


def costs(results: ResultsFile) -> list[Cost]:
    """Return the cost of every finished cell of Table 1."""
    return [
        Cost(
            cell=cell,
            generator=cell.seconds.get("generator", 0.0),
            sampling=cell.seconds.get("sampling", 0.0),
            classifiers=cell.seconds.get("classifiers", 0.0),
            memory=max(cell.memory.values(), default=0),
        )
        for cell in results.cells
        if cell.variant is None and cell.status == "done"
    ]


def totals(rows: Sequence[Cost]) -> dict[str, float]:
    """Return the total seconds of each dataset; what several of its cells share counts once."""
    shared = {(row.cell.dataset, row.cell.generator): row.generator + row.sampling for row in rows}
    seconds_of_dataset = dict.fromkeys((row.cell.dataset for row in rows), 0.0)
    for (dataset, _), seconds in shared.items():
        seconds_of_dataset[dataset] += seconds
    for row in rows:
        seconds_of_dataset[row.cell.dataset] += row.classifiers
    return seconds_of_dataset


def images_made(cell: Cell) -> int:
    """Return how many synthetic images were made for a cell, summed over generator seeds."""
    return sum(cell.counts.synthetic) * len(cell.keys.get("synthetic", ())) if cell.counts else 0

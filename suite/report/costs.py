"""What cells cost, as the builds recorded it."""

from collections.abc import Sequence
from dataclasses import dataclass

from suite.results.models import Cell, Results


@dataclass(frozen=True)
class Cost:
    """What one finished cell of Table 1 took.

    Attributes:
        cell: The cell.
        generator: Seconds of training its generator, over generator seeds.
        sampling: Seconds of making its images, over generator seeds.
        classifiers: Seconds of training its classifiers, over all seeds.
        memory: Largest memory of a build, in bytes; 0 where nothing was recorded.
    """

    cell: Cell
    generator: float
    sampling: float
    classifiers: float
    memory: int

    @property
    def made(self) -> int:
        """Synthetic images, over generator seeds."""
        return images_made(self.cell)

    @property
    def each(self) -> float | None:
        """Milliseconds an image; None where none was made."""
        return 1000 * self.sampling / self.made if self.made else None

    @property
    def seeds(self) -> int:
        """Classifiers that were trained."""
        return len(self.cell.accuracies)


def costs(results: Results) -> list[Cost]:
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
    """Return the seconds of each dataset, what two of its cells share counted once."""
    shared = {(row.cell.dataset, row.cell.generator): row.generator + row.sampling for row in rows}
    found = dict.fromkeys((row.cell.dataset for row in rows), 0.0)
    for (dataset, _), seconds in shared.items():
        found[dataset] += seconds
    for row in rows:
        found[row.cell.dataset] += row.classifiers
    return found


def images_made(cell: Cell) -> int:
    """Return how many synthetic images were made for a cell, over its generator seeds."""
    return sum(cell.counts.synthetic) * len(cell.keys.get("synthetic", ())) if cell.counts else 0

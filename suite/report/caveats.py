"""Caveats: test images among the training images of a dataset, and copies of training images."""

from collections.abc import Iterator
from dataclasses import dataclass

from suite.results.measurements import generator_seed
from suite.results.models import Results

COPIES = "copies(pixels"
MANY_COPIES = 0.05  # of held-back digits 0 % count as copies of 1,347 training images, and 1.6 % as copies of 100


@dataclass(frozen=True)
class Caveat:
    """One reason to distrust the numbers of a dataset.

    Attributes:
        dataset: The dataset's name.
        kind: ``leak`` or ``copies``.
        text: A sentence that begins with the dataset or the generator it is about.
    """

    dataset: str
    kind: str
    text: str


def caveats(results: Results) -> tuple[Caveat, ...]:
    """Return every caveat, the most serious kind first. What makes a cell not valid is the reason of its verdict."""
    return (*_leaks(results), *_copies(results))


def _leaks(results: Results) -> Iterator[Caveat]:
    for facts in results.datasets:
        if facts.leaks:
            text = f"{facts.leaks} of {sum(facts.test)} test images are in the train split too, pixel for pixel"
            yield Caveat(facts.name, "leak", f"{facts.name}: {text}")


def _copies(results: Results) -> Iterator[Caveat]:
    """Yield the share of copies for every generator of Table 1 with many of them.

    The share is the largest over the generator seeds; the seed is named if there are several.
    """
    texts: dict[tuple[str, str], str] = {}
    for cell in results.cells:
        copies = [
            measured
            for measured in cell.measurements
            if measured["id"].startswith(COPIES) and "):train:" in measured["id"] and measured["value"] is not None
        ]
        if cell.variant is not None or not copies:
            continue
        largest = max(copies, key=lambda measured: float(measured["value"]))
        if largest["value"] >= MANY_COPIES:
            seed = f" of generator seed {generator_seed(largest)}" if len(copies) > 1 else ""
            images = f"{largest['value']:.0%} of the synthetic images{seed}"
            texts[cell.dataset, f"{cell.dataset}-{cell.generator}"] = f"{images} are copies of training images"
    for (dataset, name), text in texts.items():
        yield Caveat(dataset, "copies", f"{name}: {text}")

"""Caveats: leaks, copies, an ORG classifier that has not learnt, and different build environments."""

from collections.abc import Iterator
from dataclasses import dataclass

from suite.results.measurements import generator_seed
from suite.results.models import ENVIRONMENT_NOTE, Cell, Results

COPIES = "copies(pixels"
MANY_COPIES = 0.05  # of held-back digits 0 % count as copies of 1,347 training images, and 1.6 % as copies of 100


@dataclass(frozen=True)
class Caveat:
    """One reason to distrust the numbers of a dataset.

    Attributes:
        dataset: The dataset's name.
        kind: ``leak``, ``copies``, ``chance`` or ``environment``.
        text: A sentence that begins with the dataset, the generator or the cells it is about.
    """

    dataset: str
    kind: str
    text: str


def caveats(results: Results) -> tuple[Caveat, ...]:
    """Return every caveat, the most serious kind first."""
    return (*_leaks(results), *_copies(results), *_chance(results), *_environments(results))


def best_guess(cell: Cell) -> float | None:
    """Return the accuracy in percent of always predicting the most frequent class of the test images."""
    tested = cell.counts.evaluation if cell.counts else ()
    return 100 * max(tested) / sum(tested) if tested else None


def has_learnt(org: Cell) -> bool:
    """Return whether ``org`` is better than always predicting one class, by more than the interval over test images.

    A cell that is compared with an ``org`` that has not learnt was given more images or more steps, and seems to help
    whatever its images are.
    """
    guess = best_guess(org)
    if org.mean is None or guess is None:
        return True
    return (org.image_interval[0] if org.image_interval else org.mean) > guess


def _leaks(results: Results) -> Iterator[Caveat]:
    for facts in results.datasets:
        if facts.leaks:
            text = f"{facts.leaks} of {sum(facts.test)} test images are in the train split too, pixel for pixel"
            yield Caveat(facts.name, "leak", f"{facts.name}: {text}")
    for dataset, name, images in _shares(results, "test"):
        text = f"{images} are copies of test images: classifiers trained on them have seen these"
        yield Caveat(dataset, "leak", f"{name}: {text}")


def _copies(results: Results) -> Iterator[Caveat]:
    for dataset, name, images in _shares(results, "train"):
        yield Caveat(dataset, "copies", f"{name}: {images} are copies of training images")


def _chance(results: Results) -> Iterator[Caveat]:
    for cell in results.cells:
        if cell.mode == "org" and cell.variant is None and not has_learnt(cell):
            text = f"real images alone give {cell.mean:.1f} %, always predicting one class {best_guess(cell):.1f} %"
            yield Caveat(cell.dataset, "chance", f"{cell.dataset}: {text}: train longer, with a larger --profile")


def _environments(results: Results) -> Iterator[Caveat]:
    """Yield each note on build environments once per dataset, with the cells that have it."""
    cells: dict[tuple[str, str], list[str]] = {}
    for cell in results.cells:
        for note in cell.notes:
            if note.startswith(ENVIRONMENT_NOTE):
                cells.setdefault((cell.dataset, note), []).append(cell.case.id)
    for (dataset, note), names in cells.items():
        yield Caveat(dataset, "environment", f"{', '.join(names)}: {note}")


def _shares(results: Results, split: str) -> Iterator[tuple[str, str, str]]:
    """Yield dataset, name and the share in words for every generator of Table 1 with many copies of images of a split.

    The share is the largest over the generator seeds; the seed is named if there are several.
    """
    shares: dict[tuple[str, str], str] = {}
    for cell in results.cells:
        copies = [
            measured
            for measured in cell.measurements
            if measured["id"].startswith(COPIES) and f"):{split}:" in measured["id"] and measured["value"] is not None
        ]
        if cell.variant is not None or not copies:
            continue
        largest = max(copies, key=lambda measured: float(measured["value"]))
        if largest["value"] >= MANY_COPIES:
            seed = f" of generator seed {generator_seed(largest)}" if len(copies) > 1 else ""
            images = f"{largest['value']:.0%} of the synthetic images{seed}"
            shares[cell.dataset, f"{cell.dataset}-{cell.generator}"] = images
    for (dataset, name), images in shares.items():
        yield dataset, name, images

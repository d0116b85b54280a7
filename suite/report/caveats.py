"""What makes numbers worth little: leaks, copies, and real images of which nothing was learnt."""

from collections.abc import Iterator
from dataclasses import dataclass

from suite.results.models import Cell, Results

COPIES = "copies(pixels"
MANY_COPIES = 0.05  # of held-back digits none is one beside 1,347 training images, 1.6 % are beside 100


@dataclass(frozen=True)
class Caveat:
    """One reason not to believe what a table says of a dataset.

    Attributes:
        dataset: The dataset's name.
        kind: ``leak``, ``copies`` or ``chance``.
        text: A sentence that begins with what it is about.
    """

    dataset: str
    kind: str
    text: str


def caveats(results: Results) -> tuple[Caveat, ...]:
    """Return every reason, the gravest kind first."""
    return (*_leaks(results), *_copies(results), *_chance(results))


def best_guess(cell: Cell) -> float | None:
    """Return the accuracy in percent of always answering the most frequent class of the images it is tested on."""
    tested = cell.counts.evaluation if cell.counts else ()
    return 100 * max(tested) / sum(tested) if tested else None


def has_learnt(org: Cell) -> bool:
    """Return whether an ``org`` is better than always the same answer, beyond what other test images would change.

    What is compared with one that is not was given more to learn from, or longer, and seems to help whatever it is.
    """
    guess = best_guess(org)
    if org.mean is None or guess is None:
        return True
    return (org.image_interval[0] if org.image_interval else org.mean) > guess


def _leaks(results: Results) -> Iterator[Caveat]:
    for one in results.datasets:
        if one.leaks:
            what = f"{one.leaks} of {sum(one.test)} test images are in the train split too, pixel for pixel"
            yield Caveat(one.name, "leak", f"{one.name}: {what}")
    for dataset, name, share in _shares(results, "test"):
        what = f"{share:.0%} of the synthetic images are copies of test images: what was trained on them has seen these"
        yield Caveat(dataset, "leak", f"{name}: {what}")


def _copies(results: Results) -> Iterator[Caveat]:
    for dataset, name, share in _shares(results, "train"):
        yield Caveat(dataset, "copies", f"{name}: {share:.0%} of the synthetic images are copies of training images")


def _chance(results: Results) -> Iterator[Caveat]:
    for cell in results.cells:
        if cell.mode == "org" and cell.variant is None and not has_learnt(cell):
            what = f"real images alone give {cell.mean:.1f} %, always the same answer {best_guess(cell):.1f} %"
            yield Caveat(cell.dataset, "chance", f"{cell.dataset}: {what}: train longer, with a larger --profile")


def _shares(results: Results, split: str) -> Iterator[tuple[str, str, float]]:
    """Yield dataset, name and share of every generator of Table 1 with many copies of images of a split."""
    found = {
        (cell.dataset, f"{cell.dataset}-{cell.generator}"): share
        for cell in results.cells
        if cell.variant is None
        for name, share in cell.metrics.items()
        if name.startswith(COPIES) and f"):{split}:" in name and share is not None and share >= MANY_COPIES
    }
    for (dataset, name), share in found.items():
        yield dataset, name, share

"""The design of the experiment: what was done for each dataset, in words, before any number."""

from dataclasses import dataclass

from suite.report.numbers import DASH, count
from suite.results.models import Cell, Results


@dataclass(frozen=True)
class Design:
    """What was done for one dataset.

    Attributes:
        dataset: Its name.
        lines: What a line is about, and the line: real images, classifier, then every generator of Table 1.
    """

    dataset: str
    lines: tuple[tuple[str, str], ...]


def designs(results: Results) -> tuple[Design, ...]:
    """Return what was done for each dataset of which anything is known."""
    cells = [cell for cell in results.cells if cell.variant is None]
    found = (
        Design(name, _lines(results, [cell for cell in cells if cell.dataset == name]))
        for name in dict.fromkeys(cell.dataset for cell in cells)
    )
    return tuple(design for design in found if design.lines)


def _lines(results: Results, cells: list[Cell]) -> tuple[tuple[str, str], ...]:
    lines = []
    org = next((cell for cell in cells if cell.mode == "org" and cell.counts and cell.training_cost), None)
    if org is not None:
        lines += [("real images", _images(results, org)), ("classifier", _classifier(results, org))]
    for generator in dict.fromkeys(cell.generator for cell in cells if cell.generator):
        own = [cell for cell in cells if cell.generator == generator]
        about = next((cell.generator_description for cell in own if cell.generator_description), None)
        missing = any(cell.reason for cell in own)
        made = next((sum(cell.counts.synthetic) for cell in own if cell.counts and cell.counts.synthetic), 0)
        used = f"; {count(made)} images used" if made else ""
        lines.append((generator, f"{about}{used}" if about else "not run; Table 1 says why" if missing else DASH))
    return tuple(lines)


def _images(results: Results, org: Cell) -> str:
    assert org.counts is not None
    counts = org.counts
    split = next((sum(one.train) for one in results.datasets if one.name == org.dataset), None)
    of = f" of the {count(split)} in the train split" if split else ""
    size = f"; {counts.size}x{counts.size} pixels" if counts.size else ""
    return (
        f"{count(sum(counts.real))}{of} to train on, {count(sum(counts.evaluation))} {results.evaluate} images,"
        f" {len(counts.classes)} classes{size}"
    )


def _classifier(results: Results, org: Cell) -> str:
    assert org.training_cost is not None
    told = next((one.settings.get("classifier", {}) for one in results.datasets if one.name == org.dataset), {})
    training_cost, network = org.training_cost, told.get("network", "a network")
    batch = f" of {told['batch_size']} images" if "batch_size" in told else ""
    return (
        f"{network} of {training_cost.parameters / 1e6:.2f} million parameters,"
        f" {count(training_cost.steps)} steps{batch}"
        f" ({count(training_cost.images_seen)} images seen) for org, trained from scratch with each of"
        f" {len(org.accuracies)} seeds"
    )

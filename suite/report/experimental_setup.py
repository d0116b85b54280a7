"""Describe the experimental setup of each dataset in a few lines of text."""

from dataclasses import dataclass

from suite.report.comparisons import seeds_range
from suite.report.numbers import DASH, count
from suite.results.models import Cell, ResultsFile


@dataclass(frozen=True)
class DatasetSetup:
    """Experimental setup of one dataset.

    Attributes:
        dataset: Name of the dataset.
        lines: Name and description: real images, classifier, then every generator of Table 1.
    """

    dataset: str
    lines: tuple[tuple[str, str], ...]


def experimental_setup(results: ResultsFile) -> tuple[DatasetSetup, ...]:
    """Return the setup of each dataset of Table 1 with something to describe.

    Args:
        results: The results of the run.
    """
    cells = [cell for cell in results.cells if cell.variant is None]
    setups = (
        DatasetSetup(name, _lines(results, [cell for cell in cells if cell.dataset == name]))
        for name in dict.fromkeys(cell.dataset for cell in cells)
    )
    return tuple(setup for setup in setups if setup.lines)


def _lines(results: ResultsFile, cells: list[Cell]) -> tuple[tuple[str, str], ...]:
    lines = []
    seeds = seeds_range(cells)
    org = next((cell for cell in cells if cell.mode == "org" and cell.counts and cell.training_cost), None)
    if org is not None:
        lines += [("real images", _images(results, org)), ("classifier", _classifier(results, org, seeds))]
    for generator in dict.fromkeys(cell.generator for cell in cells if cell.generator):
        lines.append((generator, _generator([cell for cell in cells if cell.generator == generator])))
    return tuple(lines)


def _generator(cells: list[Cell]) -> str:
    description = next((cell.generator_description for cell in cells if cell.generator_description), None)
    if description is None:
        return "not run; see the reason below Table 1" if any(cell.reason for cell in cells) else DASH
    images = next((sum(cell.counts.synthetic) for cell in cells if cell.counts and cell.counts.synthetic), 0)
    return f"{description}; {count(images)} images used" if images else description


def _images(results: ResultsFile, org: Cell) -> str:
    assert org.counts is not None
    counts = org.counts
    train_split = next((sum(facts.train) for facts in results.datasets if facts.name == org.dataset), None)
    of = f" of the {count(train_split)} images of the train split" if train_split else ""
    size = f"; {counts.size}x{counts.size} pixels" if counts.size else ""
    return (
        f"{count(sum(counts.real))}{of} for training, {count(sum(counts.evaluation))} {results.evaluate} images,"
        f" {len(counts.classes)} classes{size}"
    )


def _classifier(results: ResultsFile, org: Cell, seeds: str) -> str:
    assert org.training_cost is not None
    settings = next(
        (facts.settings.get("classifier", {}) for facts in results.datasets if facts.name == org.dataset), {}
    )
    cost, facts = org.training_cost, org.classifier
    title = facts.title if facts else "ResNet-18 from scratch"
    before = f", trained before on {facts.pretrained_on}" if facts and facts.pretrained_on else ""
    size = f"{title}{before}; {cost.parameters / 1e6:.2f} million parameters trained"
    if facts and not facts.has_seeds:
        return f"{size}, in 1 fit"
    batch = f" of {settings['batch_size']} images" if "batch_size" in settings else ""
    return f"{size}, with {seeds}; for ORG {count(cost.steps)} steps{batch} ({count(cost.images_seen)} images seen)"

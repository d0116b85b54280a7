"""Check a dataset's files for problems that make results wrong or hard to interpret."""

from suite.artifacts.build_context import ProgressCallback
from suite.datasets.checks import SEVERITIES, Check, run_rules
from suite.datasets.dataset import Example, Source
from suite.datasets.decoding_summary import DecodingSummary
from suite.datasets.image_checks import DATASET_RULES, RELEASE_RULES, ReadImages, release_of
from suite.datasets.imagefolder import ImageFolder
from suite.datasets.index import SPLITS, content_id, count_per_class, index_images
from suite.datasets.near_duplicates import ImageSignature, signature
from suite.datasets.statistics import Moments, Statistics


def check(
    name: str, source: Source, on_progress: ProgressCallback | None = None
) -> tuple[Statistics, tuple[Check, ...]]:
    """Read every image of a dataset and apply every check, also those that take too long for a run.

    Args:
        name: Name of the dataset.
        source: Its files.
        on_progress: Called with the number of images read so far and their total.

    Returns:
        The statistics and the outcome of every check, the most serious ones first.

    Raises:
        BadData: If the folders have no valid layout, or a class has no readable image in a split.
    """
    unreadable: list[str] = []
    if isinstance(source, ImageFolder):
        source.unreadable = unreadable
    summary = DecodingSummary(source)

    def extract(example: Example) -> tuple[str, ImageSignature, Moments]:
        return summary.name(example), signature(example.image), Moments.of(example.image)

    indexed = index_images(source, extract, on_progress=on_progress, summarise=summary.add)
    images = {split: [image.with_value(image.value[0]) for image in part] for split, part in indexed.items()}
    signatures = {split: [image.value[1] for image in part] for split, part in indexed.items()}
    sizes = sorted(summary.sizes, key=lambda size: (size[0] * size[1], size))
    moments = Moments.total([image.value[2] for image in indexed["train"]])
    train, test = (count_per_class(source, split, images[split]) for split in SPLITS)
    statistics = Statistics(
        content=content_id(source.classes, images),
        train=train,
        test=test,
        smallest=sizes[0],
        largest=sizes[-1],
        mean=moments.mean,
        std=moments.std,
    )
    checks = run_rules(DATASET_RULES, ReadImages(source, images, summary, tuple(unreadable), signatures))
    if release := release_of(name, statistics.content, train, test, statistics):
        checks += run_rules(RELEASE_RULES, release)
    return statistics, tuple(sorted(checks, key=lambda outcome: SEVERITIES.index(outcome.severity)))

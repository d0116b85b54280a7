"""Check a dataset's files for problems that make results wrong or hard to interpret."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from suite.artifacts.build_context import ProgressCallback
from suite.datasets.content import (
    SPLITS,
    IndexedImage,
    content_id,
    count_per_class,
    index_images,
    shared_groups,
)
from suite.datasets.dataset import Example, Source, Split
from suite.datasets.decoding_summary import DecodingSummary
from suite.datasets.imagefolder import ImageFolder
from suite.datasets.naming import escaped, quoted
from suite.datasets.statistics import Moments, Statistics, committed_statistics

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_HASH_DISTANCE = 6
MIN_EDGE_CORRELATION = 0.96
BLOCK = 256
EXAMPLES = 3


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        serious: Whether results on this dataset would be wrong; otherwise it is a note for their interpretation.
        text: One line.
    """

    serious: bool
    text: str


@dataclass(frozen=True)
class ImageSignature:
    """What is kept of an image to compare it with all others.

    Attributes:
        name: Its name in the source.
        moments: Its contribution to the statistics.
        hash: Difference hash (dHash) of 64 bits: the image is reduced to 8 x 9 grey cells, and each bit says whether a
            cell is darker than its right neighbour.
        edges: float32 (480,), normalised to length 1: the differences between neighbours of 16 x 16 grey cells. They
            do not depend on brightness and contrast, and hardly on colour.
    """

    name: str
    moments: Moments
    hash: int
    edges: "NDArray[np.float32]"


Images = dict[Split, list[IndexedImage[ImageSignature]]]


def check(name: str, source: Source, on_progress: ProgressCallback | None = None) -> tuple[Statistics, list[Finding]]:
    """Read every image of a dataset and check for problems.

    Args:
        name: Name of the dataset.
        source: Its files.
        on_progress: Called with the number of images read so far and their total.

    Returns:
        The statistics and the findings, serious ones first.

    Raises:
        BadData: If the folders have no valid layout, or a class has no readable image in a split.
    """
    unreadable: list[str] = []
    if isinstance(source, ImageFolder):
        source.unreadable = unreadable
    summary = DecodingSummary(source)

    def extract(example: Example) -> ImageSignature:
        summary.add(example)
        return _signature(example)

    images = index_images(source, extract, on_progress=on_progress)
    statistics = _statistics(source, images, summary)
    findings = [
        *(Finding(True, text) for text in unreadable),
        *_duplicates(images),
        *_groups(images),
        *_differences(name, statistics),
        *_near_duplicates(images),
        *_balance(source.classes, statistics),
        *(Finding(False, remark) for remark in (*source.remarks, *summary.remarks())),
    ]
    return statistics, sorted(findings, key=lambda finding: not finding.serious)


def _signature(example: Example) -> ImageSignature:
    import numpy as np
    from PIL import Image

    grey = Image.fromarray(example.image).convert("L")
    cells = np.asarray(grey.resize((9, 8), Image.Resampling.BOX))
    bits = np.packbits(cells[:, 1:] > cells[:, :-1]).tobytes()
    small = np.asarray(grey.resize((16, 16), Image.Resampling.BOX), dtype=np.float32)
    edges = np.concatenate([np.diff(small, axis=0).ravel(), np.diff(small, axis=1).ravel()])
    edges /= max(float(np.linalg.norm(edges)), 1e-6)
    return ImageSignature(example.name, Moments.of(example.image), int.from_bytes(bits), edges)


def _statistics(source: Source, images: Images, summary: DecodingSummary) -> Statistics:
    moments = Moments.total([image.value.moments for image in images["train"]])
    sizes = sorted(summary.sizes, key=lambda size: (size[0] * size[1], size))
    counts = {split: count_per_class(source, split, images[split]) for split in SPLITS}
    return Statistics(
        content=content_id(source.classes, images),
        train=counts["train"],
        test=counts["test"],
        smallest=sizes[0],
        largest=sizes[-1],
        mean=moments.mean,
        std=moments.std,
    )


def _duplicates(images: Images) -> Iterator[Finding]:
    """Yield findings on images with equal pixels: across splits, with different labels, and within a split."""
    by_pixels: dict[str, list[tuple[Split, IndexedImage[ImageSignature]]]] = {}
    for split in SPLITS:
        for image in images[split]:
            by_pixels.setdefault(image.pixels, []).append((split, image))
    repeated = [copies for copies in by_pixels.values() if len(copies) > 1]
    across = [copies for copies in repeated if len({split for split, _ in copies}) > 1]
    conflicting = [copies for copies in repeated if len({image.label for _, image in copies}) > 1]
    within = [copies for copies in repeated if len(copies) > len({split for split, _ in copies})]
    for serious, kind, found in (
        (True, "images with equal pixels in train and test", across),
        (True, "images with equal pixels and different labels", conflicting),
        (False, "images more than once in one split", within),
    ):
        if found:
            examples = _examples([image.value.name for _, image in copies] for copies in found)
            yield Finding(serious, f"{kind}: {len(found)} ({examples})")


def _groups(images: Images) -> Iterator[Finding]:
    shared = shared_groups(images)
    if shared:
        yield Finding(True, f"groups in train and test: {len(shared)} ({quoted(shared)})")


def _differences(name: str, statistics: Statistics) -> Iterator[Finding]:
    """Yield findings on differences from the committed statistics, which describe the images of published reports."""
    expected = committed_statistics(name)
    if expected is None:
        return
    differences = list(statistics.differences(expected))
    if differences:
        yield Finding(True, f"not the images of the release used in the reports: {'; '.join(differences)}")
    elif statistics.content != expected.content:
        yield Finding(False, "pixels differ slightly from the release used in the reports: another image decoder?")


def _near_duplicates(images: Images) -> Iterator[Finding]:
    """Find pairs of images with nearly equal difference hashes, confirmed by the correlation of their edges."""
    import numpy as np

    every = [(split, image) for split in SPLITS for image in images[split]]
    hashes = np.array([image.value.hash for _, image in every], dtype=np.uint64)
    edges = np.stack([image.value.edges for _, image in every])
    pairs: list[tuple[int, int]] = []
    for start in range(0, len(every), BLOCK):
        distances = np.bitwise_count(hashes[start : start + BLOCK, np.newaxis] ^ hashes[np.newaxis, start:])
        first, second = np.nonzero(np.triu(distances <= MAX_HASH_DISTANCE, k=1))
        confirmed = np.einsum("ij,ij->i", edges[start:][first], edges[start:][second]) >= MIN_EDGE_CORRELATION
        pairs += zip((start + first[confirmed]).tolist(), (start + second[confirmed]).tolist(), strict=True)
    pairs = [(first, second) for first, second in pairs if every[first][1].pixels != every[second][1].pixels]
    if pairs:
        test_images = {second for first, second in pairs if every[first][0] != every[second][0]}
        names = _examples([every[first][1].value.name, every[second][1].value.name] for first, second in pairs)
        yield Finding(
            False,
            f"pairs of nearly equal images: {len(pairs)}, test images nearly equal to one in train: "
            f"{len(test_images)} ({names})",
        )


def _balance(classes: tuple[str, ...], statistics: Statistics) -> Iterator[Finding]:
    fewest, most = min(statistics.train), max(statistics.train)
    if fewest < most:
        smallest, largest = (classes[statistics.train.index(count)] for count in (fewest, most))
        yield Finding(False, f"{fewest} to {most} training images per class ({escaped(smallest)}, {escaped(largest)})")


def _examples(groups: Iterable[list[str]]) -> str:
    every = list(groups)
    first = "; ".join(" = ".join(names[:EXAMPLES]) for names in every[:EXAMPLES])
    return first + (f"; and {len(every) - EXAMPLES} more" if len(every) > EXAMPLES else "")

"""What is wrong with a dataset's files: the questions to ask before believing a number."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from suite.artifacts.build_context import ProgressCallback
from suite.datasets.content import SPLITS, Row, Tally, content_id, count_classes, read_rows, shared_groups
from suite.datasets.dataset import Example, Source, Split
from suite.datasets.imagefolder import ImageFolder
from suite.datasets.naming import listed, shown
from suite.datasets.statistics import Moments, Statistics, committed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HASH_BITS = 6
ALIKE = 0.96
BLOCK = 256
EXAMPLES = 3


@dataclass(frozen=True)
class Finding:
    """One answer.

    Attributes:
        serious: Whether results on this dataset would be wrong, not merely to be read with care.
        text: One line.
    """

    serious: bool
    text: str


@dataclass(frozen=True)
class Look:
    """What is kept of an image to compare it with all others.

    Attributes:
        name: Its name in the source.
        moments: Its share in the statistics.
        hash: Difference hash: 64 bits, each whether grey rises from one of 8 x 9 fields to the next.
        edges: float32 (480,), the differences between neighbours of 16 x 16 grey fields, of length 1: blind to
            brightness, contrast and, mostly, colour.
    """

    name: str
    moments: Moments
    hash: int
    edges: "NDArray[np.float32]"


Rows = dict[Split, list[Row[Look]]]


def check(name: str, source: Source, on_progress: ProgressCallback | None = None) -> tuple[Statistics, list[Finding]]:
    """Read every image of a dataset and look for what spoils results.

    Args:
        name: Name of the dataset.
        source: Its files.
        on_progress: Called with the images read so far and their total.

    Returns:
        The statistics and the findings, serious ones first.

    Raises:
        BadData: If the folders cannot be made sense of, or a class has no readable image in a split.
    """
    unreadable: list[str] = []
    if isinstance(source, ImageFolder):
        source.unreadable = unreadable
    tally = Tally()

    def look(example: Example) -> Look:
        tally.add(example)
        return _look(example)

    rows = read_rows(source, look, on_progress=on_progress)
    statistics = _statistics(source, rows, tally)
    findings = [
        *(Finding(True, text) for text in unreadable),
        *_duplicates(rows),
        *_groups(rows),
        *_compared(name, statistics),
        *_near_duplicates(rows),
        *_balance(source.classes, statistics),
        *(Finding(False, remark) for remark in (*source.remarks, *tally.remarks())),
    ]
    return statistics, sorted(findings, key=lambda finding: not finding.serious)


def _look(example: Example) -> Look:
    import numpy as np
    from PIL import Image

    grey = Image.fromarray(example.image).convert("L")
    fields = np.asarray(grey.resize((9, 8), Image.Resampling.BOX))
    rises = np.packbits(fields[:, 1:] > fields[:, :-1]).tobytes()
    small = np.asarray(grey.resize((16, 16), Image.Resampling.BOX), dtype=np.float32)
    edges = np.concatenate([np.diff(small, axis=0).ravel(), np.diff(small, axis=1).ravel()])
    edges /= max(float(np.linalg.norm(edges)), 1e-6)
    return Look(example.name, Moments.of(example.image), int.from_bytes(rises), edges)


def _statistics(source: Source, rows: Rows, tally: Tally) -> Statistics:
    moments = Moments.total([row.kept.moments for row in rows["train"]])
    sizes = sorted(tally.sizes, key=lambda size: (size[0] * size[1], size))
    counts = {split: count_classes(source, split, rows[split]) for split in SPLITS}
    return Statistics(
        content=content_id(source.classes, rows),
        train=counts["train"],
        test=counts["test"],
        smallest=sizes[0],
        largest=sizes[-1],
        mean=moments.mean,
        deviation=moments.std,
    )


def _duplicates(rows: Rows) -> Iterator[Finding]:
    """Compare hashes of pixels: within and across splits, and the labels of equal images."""
    same: dict[str, list[tuple[Split, Row[Look]]]] = {}
    for split, part in rows.items():
        for row in part:
            same.setdefault(row.pixels, []).append((split, row))
    several = [twins for twins in same.values() if len(twins) > 1]
    across = [twins for twins in several if len({split for split, _ in twins}) > 1]
    torn = [twins for twins in several if len({row.label for _, row in twins}) > 1]
    within = [twins for twins in several if len(twins) > len({split for split, _ in twins})]
    for serious, what, found in (
        (True, "images with equal pixels in train and test", across),
        (True, "images with equal pixels and different labels", torn),
        (False, "images more than once in one split", within),
    ):
        if found:
            yield Finding(
                serious, f"{what}: {len(found)} ({_examples([row.kept.name for _, row in t] for t in found)})"
            )


def _groups(rows: Rows) -> Iterator[Finding]:
    both = shared_groups(rows)
    if both:
        yield Finding(True, f"groups in train and test: {len(both)} ({listed(both)})")


def _compared(name: str, statistics: Statistics) -> Iterator[Finding]:
    expected = committed(name)
    if expected is None:
        return
    differences = list(statistics.differences(expected))
    if differences:
        yield Finding(True, f"other images than the release that reports are about: {'; '.join(differences)}")
    elif statistics.content != expected.content:
        yield Finding(False, "pixels differ a little from the release that reports are about: another decoder?")


def _near_duplicates(rows: Rows) -> Iterator[Finding]:
    """Find pairs with nearly equal difference hashes, and confirm them by the correlation of their edges."""
    import numpy as np

    every = [(split, row) for split in SPLITS for row in rows[split]]
    hashes = np.array([row.kept.hash for _, row in every], dtype=np.uint64)
    edges = np.stack([row.kept.edges for _, row in every])
    near: list[tuple[int, int]] = []
    for start in range(0, len(every), BLOCK):
        distances = np.bitwise_count(hashes[start : start + BLOCK, np.newaxis] ^ hashes[np.newaxis, start:])
        one, two = np.nonzero(np.triu(distances <= HASH_BITS, k=1))
        alike = np.einsum("ij,ij->i", edges[start:][one], edges[start:][two]) >= ALIKE
        near += zip((start + one[alike]).tolist(), (start + two[alike]).tolist(), strict=True)
    near = [(one, two) for one, two in near if every[one][1].pixels != every[two][1].pixels]
    if near:
        twins = {two for one, two in near if every[one][0] != every[two][0]}
        names = _examples([every[one][1].kept.name, every[two][1].kept.name] for one, two in near)
        yield Finding(
            False,
            f"pairs of nearly equal images: {len(near)}, test images so like one in train: {len(twins)} ({names})",
        )


def _balance(classes: tuple[str, ...], statistics: Statistics) -> Iterator[Finding]:
    few, many = min(statistics.train), max(statistics.train)
    if few < many:
        least, most = (classes[statistics.train.index(count)] for count in (few, many))
        yield Finding(False, f"{few} to {many} training images a class ({shown(least)}, {shown(most)})")


def _examples(groups: Iterable[list[str]]) -> str:
    every = list(groups)
    first = "; ".join(" = ".join(names[:EXAMPLES]) for names in every[:EXAMPLES])
    return first + (f"; and {len(every) - EXAMPLES} more" if len(every) > EXAMPLES else "")

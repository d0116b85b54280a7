"""Checks on the images of a dataset or of a synthetic set, after every image was read once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from suite.datasets.checks import FULL_CHECK, NotRun, Rule
from suite.datasets.dataset import Source, Split
from suite.datasets.decoding_summary import MAX_ASPECT, DecodingSummary
from suite.datasets.index import TEST_SHARE, IndexedImage, equal_to_train, shared_groups
from suite.datasets.naming import MAX_QUOTED, escaped, quoted
from suite.datasets.near_duplicates import (
    MAX_HASH_DISTANCE,
    MIN_EDGE_CORRELATION,
    MOST_COMPARED,
    SMALLEST,
    NearDuplicates,
    Signatures,
    find_near_duplicates,
)
from suite.datasets.statistics import Statistics, committed_statistics

EXAMPLES = 3
FEW_DIFFERENT = 0.5
VERY_UNEQUAL = 10


@dataclass(frozen=True)
class ReadImages:
    """What is known about the images of a set after reading all of them.

    Attributes:
        source: Their files.
        images: The images of each split with their names as values; a synthetic set has the split ``train`` only.
        summary: Their conversions, sizes and colours.
        unreadable: Errors of images that could not be read and were skipped.
        signatures: The signature of each image, for the search for near duplicates; None to leave it out.
    """

    source: Source
    images: Mapping[Split, Sequence[IndexedImage[str]]]
    summary: DecodingSummary
    unreadable: tuple[str, ...] = ()
    signatures: Signatures | None = None

    @cached_property
    def copies(self) -> list[list[tuple[Split, IndexedImage[str]]]]:
        """The images whose pixels occur more than once, grouped by their pixels."""
        by_pixels: dict[str, list[tuple[Split, IndexedImage[str]]]] = {}
        for split, images in self.images.items():
            for image in images:
                by_pixels.setdefault(image.pixels, []).append((split, image))
        return [copies for copies in by_pixels.values() if len(copies) > 1]

    @cached_property
    def near_duplicates(self) -> NearDuplicates:
        """Pairs of nearly equal images; raises NotRun if they were not searched for."""
        if self.signatures is None:
            raise NotRun(f"more than {MOST_COMPARED:,} images: {FULL_CHECK}")
        if max(map(max, self.summary.sizes)) < SMALLEST:
            raise NotRun(f"the images are smaller than {SMALLEST} pixels")
        return find_near_duplicates(self.images, self.signatures)

    def class_sizes(self) -> list[tuple[int, str]]:
        """Return the number of training images of each class and its name, in ascending order."""
        counts = [0] * len(self.source.classes)
        for image in self.images["train"]:
            counts[image.label] += 1
        return sorted(zip(counts, self.source.classes, strict=True))


def _unreadable(read: ReadImages) -> Iterable[str]:
    return read.unreadable


def _shared_groups(read: ReadImages) -> Iterator[str]:
    if shared := shared_groups(read.images):
        yield f"groups in train and test: {len(shared)} ({quoted(shared)})"


def _in_train_and_test(read: ReadImages) -> Iterator[str]:
    found = len(equal_to_train(read.images))
    if found:
        across = (copies for copies in read.copies if len({split for split, _ in copies}) > 1)
        total = len(read.images["test"])
        yield f"{found} of {total} test images are in the train split too, pixel for pixel ({_examples(across)})"


def _different_labels(read: ReadImages) -> Iterator[str]:
    found = [copies for copies in read.copies if len({image.label for _, image in copies}) > 1]
    if found:
        yield f"images with equal pixels and different labels: {len(found)} ({_examples(found)})"


def _different_images(read: ReadImages) -> tuple[int, int]:
    """Return how many images differ from all earlier ones of their split, and how many there are."""
    different = sum(len({image.pixels for image in images}) for images in read.images.values())
    return different, sum(map(len, read.images.values()))


def _few_different(read: ReadImages) -> Iterator[str]:
    different, total = _different_images(read)
    if different < FEW_DIFFERENT * total:
        yield f"only {different:,} of {total:,} images are different"


def _repeated(read: ReadImages) -> Iterator[str]:
    different, total = _different_images(read)
    if different < total:
        within = (copies for copies in read.copies if len(copies) > len({split for split, _ in copies}))
        yield f"{different:,} different images of {total:,} ({_examples(within)})"


def _one_colour(read: ReadImages) -> Iterator[str]:
    counts = [
        f"{'all ' * (count == read.summary.labels[label])}{count} of class {quoted([read.source.classes[label]])}"
        for label, count in sorted(read.summary.one_colour.items())
    ]
    if counts:
        more = f" and {len(counts) - MAX_QUOTED} more classes" if len(counts) > MAX_QUOTED else ""
        yield f"images of one colour: {', '.join(counts[:MAX_QUOTED])}{more}"


def _elongated(read: ReadImages) -> Iterator[str]:
    if names := read.summary.elongated:
        yield f"very elongated images: {len(names)} ({names[0]})"


def _very_unequal(read: ReadImages) -> Iterator[str]:
    (fewest, smallest), *_, (most, largest) = read.class_sizes()
    if fewest * VERY_UNEQUAL < most:
        yield f"classes of very different size: {fewest:,} of {quoted([smallest])}, {most:,} of {quoted([largest])}"


def _class_sizes(read: ReadImages) -> Iterator[str]:
    (fewest, smallest), *_, (most, largest) = read.class_sizes()
    if fewest < most:
        training = "training " * ("test" in read.images)
        yield f"{fewest:,} to {most:,} {training}images per class ({escaped(smallest)}, {escaped(largest)})"


def _image_sizes(read: ReadImages) -> Iterator[str]:
    sizes = sorted(read.summary.sizes, key=lambda size: (size[0] * size[1], size))
    if len(sizes) > 1:
        small, large = (f"{width}x{height}" for width, height in (sizes[0], sizes[-1]))
        yield f"{len(sizes)} sizes from {small} to {large} pixels"


def _conversions(read: ReadImages) -> Iterator[str]:
    for note, count in sorted(read.summary.notes.items()):
        yield f"{note}: {count} image{'s' * (count > 1)}"


def _files(read: ReadImages) -> Iterable[str]:
    return read.source.remarks


def _divided(read: ReadImages) -> Iterator[str]:
    if not read.source.divided:
        grouped = any(image.group for image in chain(*read.images.values()))
        condition = ", groups kept whole" if grouped else ""
        yield (
            f"no test folder: {TEST_SHARE:.0%} of each class held out{condition}; a generator trained on all images "
            "has seen these"
        )


def _near_duplicates(read: ReadImages) -> Iterator[str]:
    if pairs := read.near_duplicates.pairs:
        yield f"pairs of nearly equal images: {len(pairs)} ({_shown(map(list, pairs))})"


def _nearly_in_train_and_test(read: ReadImages) -> Iterator[str]:
    if count := read.near_duplicates.test:
        pairs = _shown(map(list, read.near_duplicates.across))
        yield f"{count} of {len(read.images['test'])} test images are nearly equal to a training image ({pairs})"


IMAGE_RULES: tuple[Rule[ReadImages], ...] = (
    Rule(
        "unreadable images",
        "not valid",
        "A file that is no image, or is damaged. A run stops at the first one.",
        _unreadable,
    ),
    Rule(
        "equal images with different labels",
        "warning",
        "Images with equal pixels in more than one class.",
        _different_labels,
    ),
    Rule(
        "few different images",
        "warning",
        f"Fewer than {FEW_DIFFERENT:.0%} of the images differ from all others of their split.",
        _few_different,
    ),
    Rule("images of one colour", "warning", "Images whose pixels are all equal.", _one_colour),
    Rule(
        "elongated images",
        "warning",
        f"Images whose sides differ by more than a factor of {MAX_ASPECT}; resizing destroys them.",
        _elongated,
    ),
    Rule(
        "very unequal classes",
        "warning",
        f"The largest class has more than {VERY_UNEQUAL} times as many training images as the smallest.",
        _very_unequal,
    ),
    Rule("repeated images", "note", "Images with equal pixels within one split.", _repeated),
    Rule("class sizes", "note", "Classes with different numbers of training images.", _class_sizes),
    Rule("image sizes", "note", "Images of different height or width.", _image_sizes),
    Rule("conversions", "note", "Images that are not 8-bit RGB and were converted.", _conversions),
    Rule(
        "files and groups",
        "note",
        "Files that were left out, folders that were joined, images without a group, table rows without an image.",
        _files,
    ),
)

DATASET_RULES: tuple[Rule[ReadImages], ...] = (
    *IMAGE_RULES,
    Rule(
        "groups in train and test",
        "not valid",
        "A group, such as a patient, with images in both splits. A run refuses the dataset.",
        _shared_groups,
    ),
    Rule(
        "test images in the train split",
        "warning",
        "Test images whose pixels are equal to those of a training image. Changed copies are not found.",
        _in_train_and_test,
    ),
    Rule("no test split", "note", "Files without a test folder: the suite divides them.", _divided),
    Rule(
        "test images nearly equal to training images",
        "warning",
        f"Test images whose difference hash differs from that of a training image in at most {MAX_HASH_DISTANCE} of 64 "
        f"bits, and whose edges correlate with its edges by at least {MIN_EDGE_CORRELATION}. They stay in the test "
        f"set. Not for images below {SMALLEST} pixels; for more than {MOST_COMPARED:,} images only by `{FULL_CHECK}`.",
        _nearly_in_train_and_test,
    ),
    Rule(
        "nearly equal images",
        "note",
        "Pairs of images, in one split or in both, that are similar by the same limits.",
        _near_duplicates,
    ),
)


@dataclass(frozen=True)
class Release:
    """What is compared with the committed statistics of a dataset.

    Attributes:
        expected: The committed statistics.
        content: Content id of the files.
        train: Training images per class.
        test: Test images per class.
        statistics: All statistics of the files; None if only the others are known.
    """

    expected: Statistics
    content: str
    train: tuple[int, ...]
    test: tuple[int, ...]
    statistics: Statistics | None = None


def _differences(release: Release) -> list[str]:
    """Return how the files differ from the release; raises NotRun if the counts alone do not show it."""
    if release.statistics is not None:
        return list(release.statistics.differences(release.expected))
    if release.content == release.expected.content:
        return []
    counted = release.expected.model_copy(update={"train": release.train, "test": release.test})
    if differences := list(counted.differences(release.expected)):
        return differences
    raise NotRun(FULL_CHECK)


def _other_release(release: Release) -> Iterator[str]:
    if differences := _differences(release):
        yield f"not the images of the release used in the reports: {'; '.join(differences)}"


def _other_decoder(release: Release) -> Iterator[str]:
    if not _differences(release) and release.content != release.expected.content:
        yield "pixels differ slightly from the release used in the reports: another image decoder?"


RELEASE_RULES: tuple[Rule[Release], ...] = (
    Rule(
        "release of the images",
        "warning",
        "Counts, sizes, mean or standard deviation that differ from those of the shipped dataset's release. A run "
        "compares content and counts.",
        _other_release,
    ),
    Rule(
        "image decoder",
        "note",
        "Pixels that differ from the release while the statistics agree.",
        _other_decoder,
    ),
)


def release_of(
    name: str, content: str, train: tuple[int, ...], test: tuple[int, ...], statistics: Statistics | None = None
) -> Release | None:
    """Return what to compare with the committed statistics of a dataset; None if it has none."""
    expected = committed_statistics(name)
    return None if expected is None else Release(expected, content, train, test, statistics)


def _examples(groups: Iterable[list[tuple[Split, IndexedImage[str]]]]) -> str:
    return _shown([image.value for _, image in copies] for copies in groups)


def _shown(groups: Iterable[list[str]]) -> str:
    every = list(groups)
    first = "; ".join(" = ".join(names[:EXAMPLES]) for names in every[:EXAMPLES])
    return first + (f"; and {len(every) - EXAMPLES} more" if len(every) > EXAMPLES else "")

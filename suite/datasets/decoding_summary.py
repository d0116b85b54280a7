"""Summary of the images of a set for its readers: conversions, sizes, and images that are unusual."""

from collections import Counter

from suite.datasets.dataset import Example, Source

MAX_ASPECT = 20


class DecodingSummary:
    """Counts the conversions, sizes and colours of the examples that are added to it.

    Args:
        source: Source of the examples.

    Attributes:
        notes: Number of images with each conversion.
        sizes: Number of images of each (width, height).
        labels: Number of images of each label.
        one_colour: Number of images of each label whose pixels are all equal.
        elongated: Names of the images whose sides differ by more than the factor ``MAX_ASPECT``.
    """

    def __init__(self, source: Source) -> None:
        self.notes: Counter[str] = Counter()
        self.sizes: Counter[tuple[int, int]] = Counter()
        self.labels: Counter[int] = Counter()
        self.one_colour: Counter[int] = Counter()
        self.elongated: list[str] = []
        self._source = source

    def name(self, example: Example) -> str:
        """Return the name of an example without the path of the source, because reports are published."""
        return example.name.removeprefix(f"{self._source.where}/")

    def add(self, example: Example) -> None:
        """Count one example."""
        height, width = example.image.shape[:2]
        self.notes.update(example.notes)
        self.sizes[width, height] += 1
        self.labels[example.label] += 1
        first_row, first = example.image[0], example.image[0, 0]
        if (first_row == first).all() and (example.image == first).all():  # few images have such a first row
            self.one_colour[example.label] += 1
        if max(height, width) > MAX_ASPECT * min(height, width):
            self.elongated.append(self.name(example))

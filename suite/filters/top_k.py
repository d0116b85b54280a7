"""``top-k``: keep the same number of images of every class, those with the highest probability of their label."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from suite.artifacts import BuildContext
from suite.classifiers.classifier import PREDICTIONS, Predictions
from suite.filters.filter import Candidates, Filter, FilterSettings, filters
from suite.filters.filtered import DataUsed, FilteredImages

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

NAME = "top-k"


class TopSettings(FilterSettings):
    """Settings of ``top-k``.

    Attributes:
        share: Images kept of each class, as a fraction of the size of the smallest class; at least one is kept.
    """

    share: Annotated[float, Field(gt=0, le=1)] = 0.5

    def per_class(self, counts: "Sequence[int]") -> int:
        """Return how many images of each class are kept.

        Args:
            counts: Images per class before filtering.
        """
        return max(1, int(self.share * min(counts)))


class TopImages(FilteredImages):
    """The images of each class with the highest probability of their label; of equal ones, the first.

    Attributes:
        org: Predictions of the ``org`` classifier on the images.
        settings: Settings of the filter.
    """

    step: ClassVar[str] = "filter-top-k"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.filters.top_k", "suite.filters.filtered")
    filter: ClassVar[str] = NAME
    remedy: ClassVar[str] = "generate images of every class"

    org: Predictions
    settings: TopSettings

    @property
    def counts(self) -> tuple[int, ...] | None:
        """The same number for each class, or None if the counts of the unfiltered set are not known yet."""
        counts = self.images.counts
        return None if counts is None else (self.settings.per_class(counts),) * len(counts)

    @property
    def uses(self) -> tuple[DataUsed, ...]:
        """The training set of the classifier."""
        return ("real images", "real labels")

    def choose(self, context: BuildContext) -> "NDArray[np.bool_]":
        """Return whether each image is one of the most probable of its class."""
        import numpy as np

        predictions = context.artifact(self.org).tensors(PREDICTIONS)
        probabilities, labels = predictions["probabilities"], predictions["labels"]
        of_label = probabilities[np.arange(len(labels)), labels]
        per_class = self.settings.per_class(np.bincount(labels, minlength=len(self.classes)).tolist())
        keep = np.zeros(len(labels), dtype=np.bool_)
        for label in range(len(self.classes)):
            members = np.flatnonzero(labels == label)
            keep[members[np.argsort(-of_label[members], kind="stable")[:per_class]]] = True
        return keep


@filters.register
class TopK(Filter):
    """Keep the most probable images of each class in equal numbers, so that no class becomes empty."""

    name = NAME
    title = "Class-balanced top k"
    settings = TopSettings

    def filtered(self, candidates: Candidates, settings: FilterSettings) -> FilteredImages:
        """Return the recipe of the most probable images of each class."""
        assert isinstance(settings, TopSettings)
        return TopImages(images=candidates.images, classes=candidates.classes, org=candidates.org, settings=settings)

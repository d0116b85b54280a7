"""``top-k``: as many images of every class, those whose label a classifier is surest of."""

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from suite.artifacts import BuildContext
from suite.classifiers.recipes import Predictions
from suite.classifiers.settings import PREDICTIONS
from suite.filters.filter import Candidates, Filter, FilterSettings, filters
from suite.filters.filtered import DataUsed, Filtered

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

NAME = "top-k"


class TopSettings(FilterSettings):
    """How many images are kept.

    Attributes:
        share: Images kept of each class, as a share of the smallest class; at least one is kept.
    """

    share: Annotated[float, Field(gt=0, le=1)] = 0.5

    def per_class(self, counts: "Sequence[int]") -> int:
        """Return how many images of each class are kept of so many."""
        return max(1, int(self.share * min(counts)))


class TopImages(Filtered):
    """The images of each class to whose label a classifier gives the greatest probability; the first ones of equals.

    Attributes:
        org: What the classifier says of the images.
        settings: How many are kept.
    """

    step: ClassVar[str] = "filter-top-k"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.filters.top_k", "suite.filters.filtered")
    filter: ClassVar[str] = NAME
    remedy: ClassVar[str] = "make images of every class"

    org: Predictions
    settings: TopSettings

    @property
    def counts(self) -> tuple[int, ...] | None:
        """Equally many of each class, known as soon as those of the unfiltered set are."""
        given = self.images.counts
        return None if given is None else (self.settings.per_class(given),) * len(given)

    @property
    def uses(self) -> tuple[DataUsed, ...]:
        """The classifier's training set."""
        return ("real images", "real labels")

    def choose(self, context: BuildContext) -> "NDArray[np.bool_]":
        """Keep the best of each class."""
        import numpy as np

        said = context.artifact(self.org).tensors(PREDICTIONS)
        probabilities, labels = said["probabilities"], said["labels"]
        own = probabilities[np.arange(len(labels)), labels]
        take = self.settings.per_class(np.bincount(labels, minlength=len(self.classes)).tolist())
        keep = np.zeros(len(labels), dtype=np.bool_)
        for label in range(len(self.classes)):
            pool = np.flatnonzero(labels == label)
            keep[pool[np.argsort(-own[pool], kind="stable")[:take]]] = True
        return keep


@filters.register
class TopK(Filter):
    """The surest images of each class, in equal numbers, so that no class is filtered away."""

    name = NAME
    title = "Class-balanced top k"
    settings = TopSettings

    def filtered(self, candidates: Candidates, settings: FilterSettings) -> Filtered:
        """Return the recipe of the best images of each class."""
        assert isinstance(settings, TopSettings)
        return TopImages(images=candidates.images, classes=candidates.classes, org=candidates.org, settings=settings)

"""Results of the statistics of a cell, as stored in its artifacts. Pure Python, so that reports need no scipy."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

Interval = tuple[float, float]


class Difference(BaseModel):
    """Comparison of a case with ``org`` on the same test images: the difference and its sources of variance.

    Variances are in squared percentage points. The model holds everything that the verdict needs.

    Attributes:
        difference: Mean accuracy of the case minus that of ``org``, in percentage points.
        org_accuracy: Mean accuracy of ``org`` over the same seeds, in percent.
        org_standard_error: Standard error of ``org_accuracy`` over seeds and test images, in percentage points.
        constant_accuracy: Accuracy in percent of always predicting the most frequent class of the test images.
        seed_variance: Variance between classifier seeds of the case's accuracy; None with one seed.
        org_seed_variance: The same for ``org``.
        image_variance: Variance of ``difference`` over the choice of test images.
        training_set_variance: Variance of ``difference`` over resampled training sets, of a classifier without training
            noise; None for others.
        n_resamples: Number of resampled training sets; 0 for classifiers with seeds.
        n_seeds: Number of classifier seeds of each; 1 for a classifier without training noise.
        n_generator_seeds: Number of different synthetic sets: 1 is one set for all classifier seeds, otherwise every
            classifier seed has its own.
        n_images: Number of test images.
        n_groups: Number of groups of test images (such as lesions) that vary together; None if there are no groups.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    difference: float
    org_accuracy: float
    org_standard_error: float
    constant_accuracy: float
    seed_variance: float | None
    org_seed_variance: float | None
    image_variance: float
    training_set_variance: float | None = None
    n_resamples: int = 0
    n_seeds: int
    n_generator_seeds: int = 1
    n_images: int
    n_groups: int | None = None


class Verdict(StrEnum):
    """Conclusion about the effect of synthetic data in one case."""

    HELPS = "helps"
    HURTS = "hurts"
    NO_PRACTICAL_DIFFERENCE = "no practical difference"
    UNDECIDED = "undecided"
    NOT_VALID = "not valid"


class Judgement(BaseModel):
    """A verdict with its interval and its reason.

    Attributes:
        verdict: The verdict.
        interval: Confidence interval of the difference in percentage points, at the level of the verdict, so that it
            never contradicts the verdict; None if the number of seeds is not that of a look.
        seeds: Number of classifier seeds at the look that decided, or at the last look; None if the classifier has no
            seeds.
        level: Probability that the cell's verdict is wrong, at most; null in reports of the old procedure.
        smallest_effect: Smallest difference of interest in percentage points; null in reports of the old procedure.
        more_seeds: About how many more seeds would decide; None if the verdict is not undecided, or if more seeds
            cannot decide it.
        cannot_show_less_than: Smallest difference in percentage points that these test images can show, if more seeds
            cannot decide; None otherwise.
        reason: Why the verdict is undecided or not valid; empty for others.
        old_procedure: Whether the verdict was made by the procedure of reports before version 3 of ``results.json``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Verdict
    interval: Interval | None
    seeds: int | None = None
    level: float | None = None
    smallest_effect: float | None = None
    more_seeds: int | None = None
    cannot_show_less_than: float | None = None
    reason: str = ""
    old_procedure: bool = False

    @property
    def is_final(self) -> bool:
        """Whether more seeds change nothing: the verdict is decided, or more seeds cannot decide it."""
        return self.verdict is not Verdict.UNDECIDED or self.cannot_show_less_than is not None


class MeanAccuracy(BaseModel):
    """Mean accuracy of one cell.

    Attributes:
        mean: Mean accuracy over all seeds, in percent.
        mean_interval: Student's t interval over seeds for fixed test images, in percent; None with one seed.
        image_interval: Interval over test images for fixed classifiers, in percent.
        accuracies: Accuracies in percent, one per classifier seed.
        n_seeds: Number of classifier seeds.
        n_images: Number of test images.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mean: float
    mean_interval: Interval | None
    image_interval: Interval
    accuracies: tuple[float, ...]
    n_seeds: int
    n_images: int

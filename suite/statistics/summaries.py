"""Results of the statistics of a cell, as stored in its artifacts."""

from pydantic import BaseModel, ConfigDict

Interval = tuple[float, float]


class Difference(BaseModel):
    """Comparison of a case with ``org`` on the same test images with the same classifier seeds.

    Attributes:
        difference: Mean accuracy of the case minus that of ``org``, in percentage points.
        interval: Confidence interval consistent with ``p``, in percentage points; None with one classifier seed.
        p: Two-sided p-value of the null hypothesis "no difference", before Holm's correction; None with one classifier
            seed.
        image_interval: Interval over test images for fixed classifiers, in percentage points.
        minimum_detectable: Smallest true difference in percentage points that this design, with its observed variance,
            detects with a power of 0.8 in a single test; None with one classifier seed.
        powered: Whether ``minimum_detectable`` is at most the smallest effect of interest.
        powered_level: Strictest level at which the smallest effect of interest is detected with a power of 0.8, needed
            for tables of several cells; None if there is none.
        limited_by: Largest contribution to ``minimum_detectable``: ``classifier seeds``, ``generator seeds`` or
            ``test images``.
        design: The numbers of seeds and test images in words.
        n_seeds: Number of classifier seeds.
        n_generator_seeds: Number of generator seeds.
        n_images: Number of test images.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    difference: float
    interval: Interval | None
    p: float | None
    image_interval: Interval
    minimum_detectable: float | None
    powered: bool
    powered_level: float | None
    limited_by: str
    design: str
    n_seeds: int
    n_generator_seeds: int
    n_images: int


class MeanAccuracy(BaseModel):
    """Mean accuracy of one cell.

    Attributes:
        mean: Mean accuracy over all seeds, in percent.
        mean_interval: Student's t interval over seeds for fixed test images, in percent; None with one seed.
        image_interval: Interval over test images for fixed classifiers, in percent.
        accuracies: Accuracies in percent; one row per generator seed, one column per classifier seed.
        n_seeds: Number of classifier seeds.
        n_generator_seeds: Number of generator seeds.
        n_images: Number of test images.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mean: float
    mean_interval: Interval | None
    image_interval: Interval
    accuracies: tuple[tuple[float, ...], ...]
    n_seeds: int
    n_generator_seeds: int
    n_images: int

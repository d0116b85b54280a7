"""What the statistics say of a cell, as the report reads it back."""

from pydantic import BaseModel, ConfigDict

Interval = tuple[float, float]


class Difference(BaseModel):
    """A case against ``org`` on the same test images with the same classifier seeds.

    Attributes:
        difference: Mean accuracy of the case minus that of ``org``, in percentage points.
        interval: The interval that belongs to ``p``, in points; None where nothing could be tested.
        p: Two-sided p-value of "no difference", before Holm's correction; None with one classifier seed.
        image_interval: Interval over test images alone, in points: these classifiers, other images.
        minimum_detectable: Smallest true difference in points that this design, with the spread it has seen,
            finds with a probability of 0.8 when it is tested alone; None where nothing could be tested.
        powered: Whether that is at most the smallest effect of interest.
        powered_level: Strictest level at which the smallest effect of interest would still be found with a
            probability of 0.8: what a table of several cells asks for; None if there is no such level.
        limited_by: What adds most to ``minimum_detectable``: ``classifier seeds``, ``generator seeds`` or
            ``test images``.
        design: What varied, in words.
        n_seeds: Classifier seeds.
        n_generator_seeds: Generator seeds.
        n_images: Test images.
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
    """A cell's own accuracy.

    Attributes:
        mean: Mean accuracy over all seeds, in percent.
        mean_interval: Student's t interval over seeds, in percent: these images, other seeds; None with one seed.
        image_interval: Interval over test images, in percent: these classifiers, other images.
        accuracies: Accuracy in percent, a row per generator seed, a column per classifier seed.
        n_seeds: Classifier seeds.
        n_generator_seeds: Generator seeds.
        n_images: Test images.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    mean: float
    mean_interval: Interval | None
    image_interval: Interval
    accuracies: tuple[tuple[float, ...], ...]
    n_seeds: int
    n_generator_seeds: int
    n_images: int

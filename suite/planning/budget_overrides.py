"""Budget overrides: what the command line, or a variant, changes in a profile's budget."""

from dataclasses import dataclass

from suite.planning.profiles import Budget
from suite.planning.variants import Variant

DEFAULT_CLASSIFIER = "resnet18"  # the paper's


@dataclass(frozen=True)
class BudgetOverrides:
    """Options that override the profile.

    Attributes:
        classifier: Name of the classifier of Table 1, with its network after a colon if not the profile's.
        max_seeds: Largest number of classifier seeds of a cell; None is the profile's.
        generator_seeds: Number of generator seeds; None is the profile's.
        per_class: Number of real training images per class; None is the profile's.
        all_images: Whether all real images are used, whatever the profile says; ``per_class`` has precedence.
        keep_duplicates: Whether test images that are in the train split too are tested on. Without ``all_images`` they
            always are, because published datasets keep their split.
        ceiling: Whether half of the real training images of each class are held back, for the generator ``heldback``.
        amount: Synthetic images per real one of each class, if the generator has as many.
        evaluate: The split that classifiers are tested on: ``test``, or ``validation`` for all tuning.
        groups: Column of ``metadata.csv`` whose values divide the test images into subgroups; None for classes only.
        image_size: Height and width of all images in pixels; None is the profile's.
        limit_steps: Limit for the steps of every training and sampling; shortened steps have other keys.
    """

    classifier: str = DEFAULT_CLASSIFIER
    max_seeds: int | None = None
    generator_seeds: int | None = None
    per_class: int | None = None
    all_images: bool = False
    keep_duplicates: bool = False
    ceiling: bool = False
    amount: float = 1.0
    evaluate: str = "test"
    groups: str | None = None
    image_size: int | None = None
    limit_steps: int | None = None

    @property
    def keeps_training(self) -> bool:
        """Whether every training is that of the profile, so that its expected accuracy ranges apply."""
        unchanged = (self.image_size, self.limit_steps, self.per_class, self.amount) == (None, None, None, 1.0)
        return unchanged and self.classifier == DEFAULT_CLASSIFIER

    def apply(self, budget: Budget, variant: Variant | None = None) -> Budget:
        """Return a budget changed by these overrides and by a variant."""
        data = budget.data
        if self.all_images:
            data = data.model_copy(update={"per_class": None, "test_per_class": None})
        if self.per_class:
            data = data.model_copy(update={"per_class": self.per_class})
        if self.image_size:
            data = data.model_copy(update={"image_size": self.image_size})
        if variant:
            data = data.model_copy(update=variant.change.data_changes(variant.choice))
        return budget.model_copy(
            update={
                "data": data,
                "max_seeds": self.max_seeds or budget.max_seeds,
                "generator_seeds": self.generator_seeds or budget.generator_seeds,
            }
        )

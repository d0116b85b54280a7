"""Budget overrides: what the command line, or a variant, changes in a profile's budget."""

from dataclasses import dataclass

from suite.planning.profiles import Budget
from suite.planning.variants import Variant


@dataclass(frozen=True)
class BudgetOverrides:
    """Options that override the profile.

    Attributes:
        max_seeds: Largest number of classifier seeds of a cell; None is the profile's.
        generator_seeds: Number of generator seeds; None is the profile's.
        evaluate: The split that classifiers are tested on: ``test``, or ``validation`` for all tuning.
        image_size: Height and width of all images in pixels; None is the profile's.
        limit_steps: Limit for the steps of every training and sampling; shortened steps have other keys.
    """

    max_seeds: int | None = None
    generator_seeds: int | None = None
    evaluate: str = "test"
    image_size: int | None = None
    limit_steps: int | None = None

    @property
    def keeps_training(self) -> bool:
        """Whether every training is as in the profile, so that its expected accuracy ranges apply."""
        return self.image_size is None and self.limit_steps is None

    def apply(self, budget: Budget, variant: Variant | None = None) -> Budget:
        """Return a budget changed by these overrides and by a variant."""
        data, classifier = budget.data, budget.classifier
        if self.image_size:
            data = data.model_copy(update={"image_size": self.image_size})
        if variant and variant.axis == "scarcity":
            data = data.model_copy(update={"per_class": int(variant.value)})
        if variant and variant.axis == "augmentation":
            classifier = classifier.model_copy(update={"augmentation": ()})
        return budget.model_copy(
            update={
                "data": data,
                "classifier": classifier,
                "max_seeds": self.max_seeds or budget.max_seeds,
                "generator_seeds": self.generator_seeds or budget.generator_seeds,
            }
        )

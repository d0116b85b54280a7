"""What a run may change of a profile, and what a variant changes."""

from dataclasses import dataclass

from suite.planning.profiles import Budget
from suite.planning.variants import Variant


@dataclass(frozen=True)
class BudgetOverrides:
    """What a run may change of a profile, from the command line.

    Attributes:
        seeds: Classifier seeds; None is the profile's number.
        generator_seeds: Generator seeds; None is the profile's number.
        evaluate: The split that classifiers are tested on: ``test``, or ``validation`` for all tuning.
        image_size: Height and width of all images; None is the profile's.
        limit_steps: Cuts every longer training and sampling to so many steps; what is cut has a key of its own.
    """

    seeds: int | None = None
    generator_seeds: int | None = None
    evaluate: str = "test"
    image_size: int | None = None
    limit_steps: int | None = None

    @property
    def is_as_profiled(self) -> bool:
        """Whether every training is the profile's own, so that the ranges expected of its accuracies hold."""
        return self.image_size is None and self.limit_steps is None

    def applied(self, budget: Budget, variant: Variant | None = None) -> Budget:
        """Return a budget with these changes, and a variant's, in it."""
        data, classifier, seeds = budget.data, budget.classifier, budget.seeds
        if self.image_size:
            data = data.model_copy(update={"image_size": self.image_size})
        if variant and variant.axis == "scarcity":
            data = data.model_copy(update={"per_class": int(variant.value)})
            seeds = budget.sweep.scarcity_seeds or seeds
        if variant and variant.axis == "augmentation":
            classifier = classifier.model_copy(update={"augmentation": ()})
        return budget.model_copy(
            update={
                "data": data,
                "classifier": classifier,
                "seeds": self.seeds or seeds,
                "generator_seeds": self.generator_seeds or budget.generator_seeds,
            }
        )

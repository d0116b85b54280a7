"""Planning classifiers: one configured classifier of a dataset, and its predictions for every seed."""

from dataclasses import dataclass, replace

from suite.artifacts import DataPaths
from suite.classifiers.classifier import Classifier, ClassifierSettings, Predictions, classifiers
from suite.compute import Compute
from suite.errors import SuiteError, UsageError
from suite.images import ImageSet
from suite.metrics.extractors.extractor import extractors
from suite.planning.profiles import Budget

PROBE = "linear-probe"


@dataclass(frozen=True)
class ConfiguredClassifier:
    """A classifier with its settings for one dataset.

    Attributes:
        plugin: The classifier.
        settings: Its settings.
        classes: Number of classes of the dataset.
        size: Height and width in pixels of the real images that it is trained and tested on.
        compute: Precision, memory format and threads.
        limit_steps: Limit for the optimiser steps; None for no limit.
    """

    plugin: Classifier
    settings: ClassifierSettings
    classes: int
    size: int
    compute: Compute
    limit_steps: int | None = None

    def changed(self, settings: ClassifierSettings) -> "ConfiguredClassifier":
        """Return the classifier with other settings."""
        return replace(self, settings=settings)

    def shared_features(self, extractors_of_metrics: tuple[str, ...]) -> tuple[str, ...]:
        """Return a note if the metrics see images through the network that the classifier is trained on."""
        network = getattr(self.settings, "network", None)
        if network not in extractors_of_metrics:
            return ()
        return (f"classifier and metrics use {network}: their results are not independent of each other",)

    def predictions(
        self, training_sets: tuple[ImageSet, ...], tested_on: tuple[ImageSet, ...], seeds: int
    ) -> tuple[Predictions, ...]:
        """Plan a classifier for each seed, and its predictions.

        Args:
            training_sets: One for all seeds, or one for each.
            tested_on: One set of images for all seeds, or one for each.
            seeds: Number of seeds.
        """
        planned = []
        for seed in range(seeds):
            trained = self.plugin.train(
                training_sets[seed % len(training_sets)],
                self.settings,
                classes=self.classes,
                size=self.size,
                seed=seed,
                compute=self.compute,
            )
            if self.limit_steps is not None:
                trained = trained.limited(self.limit_steps)
            planned.append(trained.predictions(tested_on[seed % len(tested_on)]))
        return tuple(planned)


def find_classifier(name: str) -> tuple[Classifier, str]:
    """Return the classifier of a name such as ``linear-probe:dinov2``, and its network; "" for the profile's.

    Raises:
        UsageError: If there is no such classifier, or it has no choice of networks.
    """
    base, _, network = name.partition(":")
    plugin = classifiers.get(base)
    if network and "network" not in plugin.settings.model_fields:
        raise UsageError(f"classifier {name!r}: {base} has one network: leave out ':{network}'")
    return plugin, network


def configure_classifier(name: str, budget: Budget, data_paths: DataPaths) -> tuple[Classifier, ClassifierSettings]:
    """Return a classifier and its settings in a budget.

    A network that the name chooses has its own input size, not the one that the profile sets for its network. An input
    size that is not set is that of the metrics, so that features are computed once.

    Args:
        name: Name of the classifier, with its network after a colon if not the profile's.
        budget: The budget of the dataset.
        data_paths: Where weights are.

    Raises:
        UsageError: If there is no such classifier, network or setting.
        Unavailable: If its weights are not on this machine.
    """
    plugin, network = find_classifier(name)
    fields, values = plugin.settings.model_fields, dict(budget.classifier.get(plugin.name, {}))
    if network:
        values = {**values, "network": network}
        values.pop("side", None)
    if "side" in fields and fields["side"].default is None and "side" not in values:
        values["side"] = budget.metrics.sides.get(values.get("network", fields["network"].default))
    return plugin, plugin.configure(values, data_paths)


def other_classifiers(main: str, budget: Budget, data_paths: DataPaths) -> tuple[str, ...]:
    """Return the classifiers of the classifier sweep: those of the budget, or all that can be used here.

    Args:
        main: Name of the classifier of Table 1, which is left out.
        budget: The budget of the dataset.
        data_paths: Where weights are.
    """
    if budget.sweep.classifier is not None:
        return tuple(name for name in budget.sweep.classifier if name != main)
    default = classifiers.get(PROBE).settings.model_fields["network"].default
    network = budget.classifier.get(PROBE, {}).get("network", default)
    others = (name for name in extractors if name != network and _is_pretrained_here(name, data_paths))
    return tuple(name for name in (*classifiers, *(f"{PROBE}:{other}" for other in others)) if name != main)


def _is_pretrained_here(extractor: str, data_paths: DataPaths) -> bool:
    plugin = extractors.get(extractor)
    try:
        plugin.check(data_paths.model_copy(update={"download": False}))
    except SuiteError:
        return False
    return plugin.pretrained_on is not None

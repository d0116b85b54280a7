"""The axes of sweeps: what each of them changes in the plan of a cell. A new axis is one class in ``AXES``."""

from typing import Any

from suite.classifiers.classifier import ClassifierSettings
from suite.datasets.real import RealSubset
from suite.filters.filter import filters
from suite.generators.generator import GeneratorSettings
from suite.images import FirstPerClass, ImageSet, Mixture
from suite.images.corrupted import CorruptedImages
from suite.images.corruption_table import CORRUPTIONS, parse_corruption
from suite.planning.case import Mode

Counts = tuple[int, ...]
Value = Any  # a number, or a name on an axis of names


class Axis:
    """One thing that a sweep changes. A method that an axis does not override changes nothing.

    Attributes:
        name: Name in variants, such as ``ratio`` in ``ratio-0.5``, and of its values in a profile's ``sweep``.
        sweep: Name of the ``--sweep`` that it belongs to.
        modes: Modes of the cells that it applies to.
        takes_name: Whether its values are names instead of numbers.
        only_tests: Whether only the test images change. Such a cell has the classifiers and the synthetic images of the
            cell of Table 1 and is judged once, at the first look, so that nothing is trained for it.
        generator_setting: Setting that the generator must have; empty for none.
        classifier_setting: Setting that the classifier must have; empty for none.
    """

    name: str = ""
    sweep: str = ""
    modes: tuple[Mode, ...] = ()
    takes_name: bool = False
    only_tests: bool = False
    generator_setting: str = ""
    classifier_setting: str = ""

    def values(self, sweep: Any) -> tuple[Value, ...]:
        """Return the values to try: those of the profile's ``Sweep``; a single 0 if the axis has no values."""
        return tuple(getattr(sweep, self.name, (0.0,)))

    def applies_to(self, mode: Mode, generator: GeneratorSettings | None, classifier: type[ClassifierSettings]) -> bool:
        """Return whether the axis applies to a cell of Table 1.

        Args:
            mode: Mode of the cell.
            generator: Settings of its generator; None without one, or if it is not on this machine.
            classifier: Class of the settings of its classifier.
        """
        if self.generator_setting and not (generator and generator.has_setting(self.generator_setting)):
            return False
        return mode in self.modes and self.classifier_setting in {"", *classifier.model_fields}

    def data_changes(self, value: Value) -> dict[str, Any]:  # noqa: ARG002
        """Return the settings of the ``DataBudget`` to change, for the cell and for the ``org`` it is compared with."""
        return {}

    def generator_settings(self, settings: GeneratorSettings, value: Value) -> GeneratorSettings:
        """Return the settings of the generator."""
        return settings.with_setting(self.generator_setting, value) if self.generator_setting else settings

    def synthetic_counts(self, real: Counts, value: Value) -> Counts | None:  # noqa: ARG002
        """Return the number of synthetic images per class; None for the numbers of Table 1."""
        return None

    def mixture(self, real: RealSubset, synthetic: ImageSet, value: Value) -> ImageSet:  # noqa: ARG002
        """Return the training set of MIX."""
        return Mixture(parts=(real, synthetic))

    def evaluation(self, images: RealSubset, value: Value) -> ImageSet:  # noqa: ARG002
        """Return the images to test on, for the cell and for ``org``: in the order of ``images``, with their labels."""
        return images

    def classifier_settings(self, settings: ClassifierSettings, org_steps: int | None) -> ClassifierSettings:  # noqa: ARG002
        """Return the settings of the cell's classifier; those of the ``org`` that it is compared with do not change.

        Args:
            settings: The settings of that ``org``.
            org_steps: Its optimiser steps; None if it has none.
        """
        return settings


class Ratio(Axis):
    """All real images and ``value`` times as many synthetic ones."""

    name, sweep, modes = "ratio", "ratio", (Mode.MIX,)

    def synthetic_counts(self, real: Counts, value: Value) -> Counts:
        """Return ``value`` images for each real one, at least one of each class."""
        return tuple(max(1, round(count * value)) for count in real)


class Replace(Axis):
    """A share ``value`` of the real images is replaced by synthetic ones, at constant size."""

    name, sweep, modes = "replace", "ratio", (Mode.MIX,)

    def mixture(self, real: RealSubset, synthetic: ImageSet, value: Value) -> ImageSet:
        """Return the first real images of each class, and the first synthetic ones."""
        replaced = tuple(round(count * value) for count in real.counts)
        kept = tuple(count - removed for count, removed in zip(real.counts, replaced, strict=True))
        return Mixture(
            parts=(FirstPerClass(images=real, per_class=kept), FirstPerClass(images=synthetic, per_class=replaced))
        )


class Scarcity(Axis):
    """``value`` real images per class, also for the generator."""

    name, sweep, modes = "scarcity", "scarcity", (Mode.ORG, Mode.MIX)

    def data_changes(self, value: Value) -> dict[str, Any]:
        """Return the number of real images."""
        return {"per_class": int(value)}


class Imbalance(Axis):
    """The first class has ``value`` times as many real images as the last; synthetic images fill the others up.

    The numbers fall exponentially in the order of the classes, as in the long-tailed CIFAR-10 of Cui et al., arXiv
    1901.05555. The test set stays as it is.
    """

    name, sweep = "imbalance", "imbalance"
    modes: tuple[Mode, ...] = (Mode.ORG, Mode.MIX)

    def data_changes(self, value: Value) -> dict[str, Any]:
        """Return the factor of the imbalance."""
        return {"imbalance": value}

    def synthetic_counts(self, real: Counts, value: Value) -> Counts:  # noqa: ARG002
        """Return what each class lacks of the largest one."""
        return tuple(max(real) - count for count in real)


class Reweighting(Imbalance):
    """``org`` on the training set of ``Imbalance``, with the same weight of every class in the loss."""

    name, modes, classifier_setting = "reweighting", (Mode.ORG,), "balanced"

    def values(self, sweep: Any) -> tuple[Value, ...]:
        """Return the factors of the imbalance."""
        return tuple(sweep.imbalance)

    def classifier_settings(self, settings: ClassifierSettings, org_steps: int | None) -> ClassifierSettings:  # noqa: ARG002
        """Return the settings with balanced classes."""
        return settings.model_copy(update={self.classifier_setting: True})


class EqualSteps(Axis):
    """As many optimiser steps as ``org``."""

    name, sweep, modes, classifier_setting = "budget", "budget", (Mode.MIX,), "steps"

    def classifier_settings(self, settings: ClassifierSettings, org_steps: int | None) -> ClassifierSettings:
        """Return the settings with the steps of ``org``."""
        return settings.model_copy(update={self.classifier_setting: org_steps})


class Augmentation(Axis):
    """``org`` without crop and flip."""

    name, sweep, modes, classifier_setting = "augmentation", "augmentation", (Mode.ORG,), "augmentation"

    def classifier_settings(self, settings: ClassifierSettings, org_steps: int | None) -> ClassifierSettings:  # noqa: ARG002
        """Return the settings without augmentation."""
        return settings.model_copy(update={self.classifier_setting: ()})


class Guidance(Axis):
    """Sampling with guidance ``value``, in the generator's convention."""

    name, sweep, modes, generator_setting = "guidance", "guidance", (Mode.SYN,), "guidance"


class Strength(Axis):
    """Sampling from real training images with a share ``value`` of the noise; 1 is sampling from noise alone."""

    name, sweep, modes, generator_setting = "strength", "strength", (Mode.SYN, Mode.MIX), "strength"


class FilterName(Axis):
    """Only the synthetic images that the filter ``value`` keeps."""

    name, sweep, modes, takes_name = "filter", "filter", (Mode.SYN, Mode.MIX), True

    def values(self, sweep: Any) -> tuple[Value, ...]:
        """Return the filters of the profile, or all that are registered."""
        return tuple(filters) if sweep.filter is None else tuple(sweep.filter)


class ClassifierName(Axis):
    """The classifier ``value``."""

    name, sweep, modes, takes_name = "classifier", "classifier", tuple(Mode), True

    def values(self, sweep: Any) -> tuple[Value, ...]:
        """Return the classifiers; they must be given."""
        return tuple(sweep.classifier or ())


class CorruptionName(Axis):
    """The same classifiers, tested on images under the corruption ``value``, such as ``gaussian-noise-3``."""

    name, sweep, modes, takes_name, only_tests = "corruption", "corruption", tuple(Mode), True, True

    def values(self, sweep: Any) -> tuple[Value, ...]:
        """Return each corruption of the profile, or each that exists, at each severity."""
        names = CORRUPTIONS if sweep.corruption is None else sweep.corruption
        return tuple(f"{name}-{severity}" for name in names for severity in sweep.severity)

    def evaluation(self, images: RealSubset, value: Value) -> ImageSet:
        """Return the corrupted images; raises UsageError if there is no such corruption."""
        corruption, severity = parse_corruption(value)
        return CorruptedImages(images=images, corruption=corruption, severity=severity, seed=images.seed)


AXES: dict[str, Axis] = {
    axis.name: axis
    for axis in (
        Ratio(),
        Replace(),
        Scarcity(),
        Imbalance(),
        Reweighting(),
        EqualSteps(),
        Guidance(),
        Strength(),
        Augmentation(),
        FilterName(),
        ClassifierName(),
        CorruptionName(),
    )
}
UNCHANGED = Axis()
SWEEPS: dict[str, tuple[str, ...]] = {
    sweep: tuple(axis.name for axis in AXES.values() if axis.sweep == sweep)
    for sweep in dict.fromkeys(axis.sweep for axis in AXES.values())
}

"""Recipes of the linear probe: logistic regression on frozen features, its predictions, and its resamples."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from suite.artifacts import BuildContext, CostEstimate, Recipe
from suite.artifacts.resources import ARITHMETIC, ResourceRequest
from suite.classifiers.classifier import (
    HISTORY,
    PREDICTIONS,
    RESAMPLES,
    SUMMARY,
    ClassifierSettings,
    Predictions,
    ResampledClassifier,
    ResampledPredictions,
)
from suite.images import ImageSet
from suite.metrics.recipes import FEATURES, Features

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PROBE = "probe.safetensors"
PROBES = "probes.safetensors"
IMPORTS = ("sklearn.linear_model",)
CODE = ("suite.classifiers.linear_probe", "suite.classifiers.logistic_regression")
PASSES = 300  # over the training features, for the cost estimate: seven strengths and the final fit

Strength = Annotated[float, Field(gt=0)]


class LinearProbeSettings(ClassifierSettings):
    """Settings of the linear probe.

    Attributes:
        network: Name of the feature extractor.
        side: Height and width in pixels of the extractor's input; None is the extractor's own size.
        strengths: Inverse L2 strengths to choose from: scikit-learn's ``C``, for standardised features.
        default_strength: The one that is used if no class has enough images for a validation part.
        validation: Share of each class, rounded down, that is held out to choose the strength.
        max_iterations: Most iterations of the solver.
        balanced: Whether the images of a class are weighted inversely to their number.
    """

    network: str = "efficientnet-lite0"
    side: Annotated[int, Field(ge=32)] | None = None
    strengths: Annotated[tuple[Strength, ...], Field(min_length=1)] = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1)
    default_strength: Strength = 3e-3
    validation: Annotated[float, Field(gt=0, lt=1)] = 0.2
    max_iterations: Annotated[int, Field(ge=1)] = 200
    balanced: bool = False


class LinearProbe(ResampledClassifier):
    """Multinomial logistic regression with an L2 penalty on standardised features of the training images.

    The strength of the penalty is the one with the lowest log loss on a validation part of the training set, whatever
    the training set consists of; the final fit uses all images.

    The payload is ``probe.safetensors`` (``coefficients`` float64 (classes, D), ``intercepts`` (classes,), ``mean`` and
    ``std`` (D,) of the features) and ``history.json`` (``images_seen``, ``steps`` and ``parameters`` of the final fit,
    and ``strength``).

    Attributes:
        features: Features of each part of the training set.
        settings: Strengths of the penalty and how to choose one.
    """

    step: ClassVar[str] = "linear-probe"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = CODE
    imports: ClassVar[tuple[str, ...]] = IMPORTS
    resources: ClassVar[ResourceRequest] = ARITHMETIC

    features: Annotated[tuple[Features, ...], Field(min_length=1)]
    settings: LinearProbeSettings

    @property
    def label(self) -> str:
        """Name for progress and messages."""
        return f"linear probe on {self.training_set.label}"

    @property
    def cost(self) -> CostEstimate:
        """Estimate of the products of features and coefficients in all iterations of all fits."""
        if self.training_set.counts is None:
            return CostEstimate(operations=None)
        values = self.features[0].dimension * self.classes
        return CostEstimate(operations=4.0 * PASSES * sum(self.training_set.counts) * values, payload=8 * values)

    def predictions(self, images: ImageSet) -> "ProbePredictions":
        """Return the recipe of the predictions on images."""
        return ProbePredictions(
            classifier=self, images=images, compute=self.compute, features=self._features_of(images)
        )

    def resampled_predictions(self, images: ImageSet) -> "ResampledProbePredictions":
        """Return the recipe of the predictions of probes on resampled training images."""
        features, probes = self._features_of(images), ResampledProbes(classifier=self)
        return ResampledProbePredictions(classifier=self, images=images, features=features, probes=probes)

    def build(self, context: BuildContext) -> None:
        """Choose the strength and fit the probe."""
        from suite.classifiers.logistic_regression import choose_strength, fit

        features, labels = concatenated(self.parts(context))
        settings = self.settings
        strength = choose_strength(
            features,
            labels,
            settings.strengths,
            default=settings.default_strength,
            validation=settings.validation,
            max_iterations=settings.max_iterations,
            balanced=settings.balanced,
            seed=self.seed,
        )
        probe = fit(features, labels, strength, balanced=settings.balanced, max_iterations=settings.max_iterations)
        context.write_tensors(
            PROBE,
            {
                "coefficients": probe.coefficients,
                "intercepts": probe.intercepts,
                "mean": probe.mean,
                "std": probe.std,
            },
        )
        history = {
            "images_seen": len(labels) * probe.iterations,
            "steps": probe.iterations,
            "parameters": probe.coefficients.size + probe.intercepts.size,
            "strength": strength,
        }
        context.write_json(HISTORY, history)

    def parts(self, context: BuildContext) -> "list[dict[str, NDArray[Any]]]":
        """Return the tensors of the features of each part of the training set."""
        return [context.artifact(features).tensors(FEATURES) for features in self.features]

    def _features_of(self, images: ImageSet) -> Features:
        return self.features[0].model_copy(update={"images": images})


class ProbePredictions(Predictions):
    """Predictions of a linear probe on a set of images; see ``Predictions``.

    Attributes:
        features: Features of the images.
    """

    step: ClassVar[str] = "probe-predictions"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (*CODE, "suite.classifiers.prediction_summary")
    imports: ClassVar[tuple[str, ...]] = IMPORTS
    resources: ClassVar[ResourceRequest] = ARITHMETIC

    classifier: LinearProbe
    features: Features

    def build(self, context: BuildContext) -> None:
        """Classify every image once, in the order of the set."""
        from suite.classifiers.logistic_regression import LogisticRegression
        from suite.classifiers.prediction_summary import summarise_predictions

        probe = LogisticRegression(**context.artifact(self.classifier).tensors(PROBE), iterations=0)
        tensors = context.artifact(self.features).tensors(FEATURES)
        probabilities, labels = probe.probabilities(tensors["features"]), tensors["labels"]
        context.write_tensors(PREDICTIONS, {"probabilities": probabilities, "labels": labels})
        context.write_json(SUMMARY, summarise_predictions(probabilities, labels))


class ResampledProbes(Recipe):
    """Linear probes that are fitted to resampled training images.

    A resample draws as many images of each class of each part of the training set, with replacement. The strength of
    the penalty is that of the probe on the whole training set.

    The payload is ``probes.safetensors``: the tensors of ``probe.safetensors`` for each resample, stacked.

    Attributes:
        classifier: The probe on the whole training set.
        resamples: Number of resamples.
    """

    step: ClassVar[str] = "resampled-linear-probes"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (*CODE, "suite.randomness")
    imports: ClassVar[tuple[str, ...]] = IMPORTS
    resources: ClassVar[ResourceRequest] = ARITHMETIC

    classifier: LinearProbe
    resamples: Annotated[int, Field(ge=2)] = RESAMPLES

    @property
    def label(self) -> str:
        """Name for progress and messages."""
        return f"resamples of {self.classifier.label}"

    @property
    def cost(self) -> CostEstimate:
        """Estimate of all fits."""
        of_probe = self.classifier.cost
        fits = len(self.classifier.settings.strengths) + 1  # of the probe itself
        return CostEstimate(
            operations=of_probe.operations and of_probe.operations * self.resamples / fits,
            payload=of_probe.payload * self.resamples,
        )

    def build(self, context: BuildContext) -> None:
        """Fit a probe to each resample.

        The random stream of a part is named after its features, so that another training set with the same part draws
        the same images of it.
        """
        import numpy as np

        from suite.classifiers.logistic_regression import fit
        from suite.randomness import numpy_generator

        classifier = self.classifier
        parts = classifier.parts(context)
        features, labels = concatenated(parts)
        strength = context.artifact(classifier).json(HISTORY)["strength"]
        probes = []
        for resample in range(self.resamples):
            times = np.concatenate(
                [
                    times_drawn(part["labels"], numpy_generator(classifier.seed, f"resample {recipe.key}", resample))
                    for part, recipe in zip(parts, classifier.features, strict=True)
                ]
            )
            drawn = np.flatnonzero(times)
            probe = fit(
                features[drawn],
                labels[drawn],
                strength,
                weights=times[drawn],
                balanced=classifier.settings.balanced,
                max_iterations=classifier.settings.max_iterations,
            )
            probes.append(probe)
            context.progress(resample + 1, self.resamples)
        names = ("coefficients", "intercepts", "mean", "std")
        context.write_tensors(PROBES, {name: np.stack([getattr(probe, name) for probe in probes]) for name in names})


class ResampledProbePredictions(ResampledPredictions):
    """Predictions of the probes of ``ResampledProbes``; see ``ResampledPredictions``.

    Attributes:
        features: Features of the images to classify.
        probes: The probes.
    """

    step: ClassVar[str] = "resampled-probe-predictions"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = CODE
    imports: ClassVar[tuple[str, ...]] = IMPORTS
    resources: ClassVar[ResourceRequest] = ARITHMETIC

    classifier: LinearProbe
    features: Features
    probes: ResampledProbes

    @property
    def label(self) -> str:
        """Name for progress and messages."""
        return f"predictions of {self.probes.label}"

    def build(self, context: BuildContext) -> None:
        """Classify every image with every probe."""
        import numpy as np

        from suite.classifiers.logistic_regression import LogisticRegression

        probes = context.artifact(self.probes).tensors(PROBES)
        tensors = context.artifact(self.features).tensors(FEATURES)
        predicted = []
        for resample in range(self.resamples):
            probe = LogisticRegression(**{name: values[resample] for name, values in probes.items()}, iterations=0)
            predicted.append(probe.probabilities(tensors["features"]).argmax(axis=1))
        context.write_tensors(PREDICTIONS, {"predicted": np.stack(predicted), "labels": tensors["labels"]})


def concatenated(parts: "list[dict[str, NDArray[Any]]]") -> "tuple[NDArray[np.float32], NDArray[np.int64]]":
    """Return features (N, D) and labels (N,) of all parts, in their order."""
    import numpy as np

    return np.concatenate([part["features"] for part in parts]), np.concatenate([part["labels"] for part in parts])


def times_drawn(labels: "NDArray[np.int64]", random: "np.random.Generator") -> "NDArray[np.int64]":
    """Return how often each image is drawn, int64 (N,), if as many of each class are drawn with replacement."""
    import numpy as np

    times = np.zeros(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        of_class = np.flatnonzero(labels == label)
        np.add.at(times, random.choice(of_class, len(of_class)), 1)
    return times

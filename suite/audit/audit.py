"""The audit of a synthetic set: one row an image, from what classifiers, metrics and searches found already."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from suite.artifacts import BuildContext, CostEstimate, Recipe, Store
from suite.artifacts.resources import ARITHMETIC, ResourceRequest
from suite.classifiers.classifier import PREDICTIONS, Predictions
from suite.classifiers.influence import INFLUENCE, Influence, InfluenceSummary
from suite.errors import SuiteError
from suite.filters.feature_filter import FeatureFilterSettings
from suite.filters.filtered import FilteredImages
from suite.filters.manifold import NearImages
from suite.images import ImageSet
from suite.metrics.fidelity.copying import CLOSE
from suite.metrics.leak_search import MATCHES, LeakSearch
from suite.metrics.recipes import NEIGHBOURS, STATISTICS, Fidelity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TABLE = "audit.safetensors"
SUMMARY = "audit.json"
CONTRADICTION = 0.9  # mean probability of another class than the label
NO_FEATURES = "no feature extractor of the metrics is on this machine"


class FilterOutcome(BaseModel):
    """What a filter would keep.

    Attributes:
        kept: Images that it keeps.
        contradicted: Of these, images whose label is contradicted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kept: int = Field(ge=0)
    contradicted: int = Field(ge=0)


class AuditSummary(BaseModel):
    """Summary of an audit, stored in its artifact and in the results.

    Attributes:
        contradicted: Images of each class whose label is contradicted: the ``org`` classifiers predict another class
            with at least ``least``, on average over seeds.
        images: Images of each class.
        least: That probability.
        real_contradicted: Real held-out images to which the same happens.
        real_images: Number of real held-out images.
        duplicates: Images whose pixels are those of an earlier image of the set.
        copies: Images that are copies of training images.
        searched: Whether copies were searched for in the whole train split; else they are those of the copying metric.
        space: Feature space of ``in_manifold`` and ``influence``; empty without one.
        influence: On how many real training images the loss of the influence is measured, and how well influences on
            different ones agree; null without it.
        filters: What each filter would keep.
        missing: Why a column is empty, by its name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    contradicted: tuple[int, ...]
    images: tuple[int, ...]
    least: float
    real_contradicted: int
    real_images: int
    duplicates: int
    copies: int
    searched: bool
    space: str = ""
    influence: InfluenceSummary | None = None
    filters: dict[str, FilterOutcome] = Field(default_factory=dict)
    missing: dict[str, str] = Field(default_factory=dict)


class Audit(Recipe):
    """What is known about each image of a synthetic set.

    Nothing is computed twice: predictions, distances and searches are those of other steps, and only filters are listed
    that need no others. A filter is evaluated here and not built, because one that keeps no image of a class fails.

    The payload is ``audit.json``, an ``AuditSummary``; and ``audit.safetensors``, each with one row an image:

    - ``label``, ``predicted`` int64, ``probability`` float64 (of the label): means over the ``org`` classifiers;
    - ``nearest_train_distance`` float32: to the nearest training image in use, in pixels of at most 16 x 16;
    - ``is_copy`` bool: found by the leak search if there is one, else by the copying metric;
    - ``duplicate_of`` int64: the first earlier image with equal pixels, -1 for none;
    - ``in_manifold`` bool and ``influence`` float64, each left out where it is missing;
    - ``kept`` bool (N, filters), in the order of ``AuditSummary.filters``.

    Attributes:
        synthetic: The synthetic images.
        predictions: Predictions of the ``org`` classifiers on them, one for each seed.
        real_predictions: Their predictions on real held-out images.
        classes: Number of classes.
        copying: The copying metric in pixels.
        leak_search: The search for copies; None if it is known what the images were made from.
        manifold: The images in the manifold of the training images; None without a feature space.
        influence: Influence on the validation loss of a linear probe; None without a feature space.
        filters: The filters to list.
        contradiction: Mean probability of another class from which a label is contradicted.
    """

    step: ClassVar[str] = "audit"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = ("suite.audit.audit", "suite.audit.columns")
    resources: ClassVar[ResourceRequest] = ARITHMETIC

    synthetic: ImageSet
    predictions: Annotated[tuple[Predictions, ...], Field(min_length=1)]
    real_predictions: Annotated[tuple[Predictions, ...], Field(min_length=1)]
    classes: int
    copying: Fidelity
    leak_search: LeakSearch | None
    manifold: NearImages | None
    influence: Influence | None
    filters: tuple[FilteredImages, ...]
    contradiction: float = CONTRADICTION

    @property
    def label(self) -> str:
        """The synthetic set, for messages."""
        return f"audit of {self.synthetic.label}"

    @property
    def cost(self) -> CostEstimate:
        """Estimate of the distances between synthetic and real images for ``manifold``."""
        if self.manifold is None:
            return CostEstimate()
        features = (self.manifold.near.features, self.manifold.among.features)
        counts = [one.images.counts for one in features]
        if counts[0] is None or counts[1] is None:
            return CostEstimate(operations=None)
        return CostEstimate(operations=2.0 * sum(counts[0]) * sum(counts[1]) * features[0].dimension)

    @cached_property
    def dependencies(self) -> tuple[Recipe, ...]:
        """The recipes that the audit reads: those that filters read instead of the filtered images."""
        read = {}
        for recipe in super().dependencies:
            for one in recipe.dependencies if isinstance(recipe, FilteredImages) else (recipe,):
                read[one.key] = one
        return tuple(read.values())

    def build(self, context: BuildContext) -> None:
        """Write the columns and the summary."""
        import numpy as np

        from suite.audit.columns import contradicted, first_equal, mean_probabilities

        def predicted(recipes: tuple[Predictions, ...]) -> "tuple[NDArray[np.float64], NDArray[np.int64]]":
            tensors = [context.artifact(one).tensors(PREDICTIONS) for one in recipes]
            return mean_probabilities([one["probabilities"] for one in tensors]), tensors[0]["labels"]

        probabilities, labels = predicted(self.predictions)
        wrong = contradicted(probabilities, labels, self.contradiction)
        real_wrong = contradicted(*predicted(self.real_predictions), self.contradiction)
        distance, is_copy = self._copies(context, len(labels))
        columns = {
            "label": labels,
            "predicted": probabilities.argmax(axis=1),
            "probability": probabilities[np.arange(len(labels)), labels],
            "nearest_train_distance": distance,
            "is_copy": is_copy,
            "duplicate_of": first_equal(self.synthetic.open(context.store).images),
        }
        missing = {} if self.manifold else dict.fromkeys(("in_manifold", "influence"), NO_FEATURES)
        chosen, refused = self._chosen(context)
        if self.manifold is not None:
            columns["in_manifold"] = chosen[self.manifold.key]
        if self.influence is not None:
            columns["influence"] = context.artifact(self.influence).tensors(INFLUENCE)["influence"]
        kept = {one.filter: chosen[one.key] for one in self.filters if one.key in chosen}
        columns["kept"] = np.stack([*kept.values(), np.ones_like(is_copy)], axis=1)[:, :-1]
        context.write_tensors(TABLE, columns)
        summary = AuditSummary(
            contradicted=tuple(np.bincount(labels[wrong], minlength=self.classes).tolist()),
            images=tuple(np.bincount(labels, minlength=self.classes).tolist()),
            least=self.contradiction,
            real_contradicted=int(real_wrong.sum()),
            real_images=len(real_wrong),
            duplicates=int((columns["duplicate_of"] >= 0).sum()),
            copies=int(is_copy.sum()),
            searched=self.leak_search is not None,
            space=self.manifold.near.features.space.id if self.manifold else "",
            influence=self.influence.read(context.store) if self.influence else None,
            filters={
                name: FilterOutcome(kept=int(keep.sum()), contradicted=int((keep & wrong).sum()))
                for name, keep in kept.items()
            },
            missing={**missing, **{f"kept_by {name}": reason for name, reason in refused.items()}},
        )
        context.write_json(SUMMARY, summary.model_dump(mode="json"))

    def read(self, store: Store) -> AuditSummary:
        """Read the summary; raises BadArtifact if it is missing or damaged."""
        return AuditSummary.model_validate(store.get(self).json(SUMMARY))

    def _copies(self, context: BuildContext, count: int) -> "tuple[NDArray[np.float32], NDArray[np.bool_]]":
        """Return the distance of each image to its nearest training image, and whether it is a copy of one."""
        import numpy as np

        nearest = context.artifact(self.copying).tensors(NEIGHBOURS)
        radii = context.artifact(self.copying.reference).tensors(STATISTICS)["radii"]
        is_copy: NDArray[np.bool_] = nearest["distance"] <= CLOSE * radii[nearest["index"], 0]
        if self.leak_search is not None:
            is_copy = np.zeros(count, dtype=np.bool_)
            is_copy[context.artifact(self.leak_search).tensors(MATCHES)["synthetic"]] = True
        return nearest["distance"], is_copy

    def _chosen(self, context: BuildContext) -> "tuple[dict[str, NDArray[np.bool_]], dict[str, str]]":
        """Return what each filter keeps, by its key, and why a filter cannot be applied, by its name."""
        chosen, refused = {}, {}
        for one in (*((self.manifold,) if self.manifold else ()), *self.filters):
            if one.key not in chosen:
                try:
                    chosen[one.key] = one.choose(context)
                except SuiteError as error:
                    refused[one.filter] = str(error)
        return chosen, refused


def plan_audit(
    images: ImageSet,
    *,
    predictions: tuple[Predictions, ...],
    real_predictions: tuple[Predictions, ...],
    classes: tuple[str, ...],
    fidelity: Sequence[Fidelity],
    leak_search: LeakSearch | None,
    filtered: Iterable[FilteredImages],
) -> Audit:
    """Return the recipe of the audit of a synthetic set.

    Args:
        images: The synthetic set.
        predictions: Predictions of the ``org`` classifiers on it, one for each seed.
        real_predictions: Their predictions on real held-out images.
        classes: Class names in label order.
        fidelity: The metrics of the set, among them those in pixels. The feature space is that of the filter
            ``manifold`` by default, else the first one.
        leak_search: The search for copies in the set; None if there is none.
        filtered: The images that filters keep of the set. Only filters are listed that need nothing else.
    """
    copying = next(one for one in reversed(fidelity) if one.synthetic.features.extractor == "pixels")
    spaces = [one for one in fidelity if one is not copying]
    space = min(
        spaces, key=lambda one: one.synthetic.features.extractor != FeatureFilterSettings().extractor, default=None
    )
    manifold = influence = None
    if space is not None:
        near, among, compute = space.synthetic, space.reference, space.compute
        manifold = NearImages(images=images, classes=classes, near=near, among=among, compute=compute)
        influence = Influence(synthetic=near.features, real=among.features, compute=compute)
    read = [images, *predictions, copying, *(manifold.dependencies if manifold else ()), *filter(None, [influence])]
    known = {recipe.key for recipe in read}
    return Audit(
        synthetic=images,
        predictions=predictions,
        real_predictions=real_predictions,
        classes=len(classes),
        copying=copying,
        leak_search=leak_search,
        manifold=manifold,
        influence=influence,
        filters=tuple(one for one in filtered if {recipe.key for recipe in one.dependencies} <= known),
    )

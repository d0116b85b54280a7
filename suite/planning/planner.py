"""Planning: a case and a profile become recipes. Pure, quick, and without any heavy import."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel

from suite.artifacts import DataPaths
from suite.artifacts.build_context import ProgressCallback
from suite.classifiers.recipes import Classifier, Predictions
from suite.compute import Compute
from suite.datasets.locate import Located, locate
from suite.datasets.real import RealSubset
from suite.errors import SuiteError, Unavailable
from suite.filters.filter import Candidates, filters
from suite.generators.generator import Generator, GeneratorSettings, Request, TrainedOn, generators
from suite.images import ImageSet
from suite.metrics.extractors.extractor import extractors
from suite.metrics.recipes import Fidelity, plan_copying, plan_fidelity
from suite.pictures.picture import Picture, plan_pictures
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import Case
from suite.planning.case_plan import CasePlan, DiscriminatorPlan
from suite.planning.profiles import Budget, Profile
from suite.planning.subsets import subsets
from suite.planning.variants import Variant, training_set
from suite.statistics.recipes import Comparison, Summary

SEED_OF_STATISTICS = 0


class Planner:
    """Makes the plans of a run.

    Args:
        profile: The budgets.
        data_paths: Where data lies.
        memo: Directory that remembers datasets' contents.
        overrides: What the command line changes.
        on_progress: Called with the images read and their total, where a dataset has to be read.
    """

    def __init__(
        self,
        profile: Profile,
        data_paths: DataPaths,
        memo: Path,
        overrides: BudgetOverrides | None = None,
        on_progress: ProgressCallback | None = None,
    ) -> None:
        self.profile = profile
        self.data_paths = data_paths
        self.overrides = overrides or BudgetOverrides()
        self._memo = memo
        self._on_progress = on_progress
        self._located: dict[str, Located] = {}
        self._plans: dict[Case, CasePlan] = {}

    def locate(self, dataset: str) -> Located:
        """Find a dataset, once; raises Unavailable or BadData."""
        if dataset not in self._located:
            self._located[dataset] = locate(dataset, self.data_paths, self._memo, on_progress=self._on_progress)
        return self._located[dataset]

    def is_read(self, dataset: str) -> bool:
        """Return whether a dataset is here and its content known, so that planning it costs nothing."""
        if dataset not in self._located:
            try:
                here = self.data_paths.model_copy(update={"download": False})
                self._located[dataset] = locate(dataset, here, self._memo, read=False)
            except SuiteError:
                return False
        return True

    def budget(self, dataset: str, variant: Variant | None = None) -> Budget:
        """Return a dataset's budget with the run's choices, and a variant's change, in it."""
        return self.overrides.applied(self.profile.budget(dataset), variant)

    def is_guided(self, case: Case) -> bool:
        """Return whether a case's generator knows guidance; one that is not here knows none."""
        if case.generator is None:
            return False
        try:
            settings = self._settings(case.generator, self.budget(case.dataset))
        except SuiteError:
            return False
        return settings.guided(1.0) is not None

    def _settings(self, name: str, budget: Budget) -> GeneratorSettings:
        return generators.get(name).configure(budget.generator.get(name, {}), self.data_paths)

    def settings(self, dataset: str, names: Iterable[str]) -> dict[str, BaseModel]:
        """Return what every stage is told for a dataset, by stage; a generator that is not here is left out.

        Args:
            dataset: Name of the dataset.
            names: Names of generators.
        """
        budget = self.budget(dataset)
        found: dict[str, BaseModel] = {"data": budget.data, "classifier": budget.classifier}
        for name in names:
            with suppress(SuiteError):
                found[name] = self._configured(name, budget)[1]
        return {**found, "metrics": budget.metrics, "compute": budget.compute}

    def case(self, case: Case) -> CasePlan:
        """Return a case's recipes, planned once.

        Raises:
            UsageError: If the dataset, the generator or a setting does not exist.
            Unavailable: If the dataset or the generator is not on this machine.
            BadData: If the dataset cannot be used.
        """
        if case not in self._plans:
            self._plans[case] = self._plan(case)
        return self._plans[case]

    def _plan(self, case: Case) -> CasePlan:
        variant = Variant.parse(case.variant) if case.variant else None
        located = self.locate(case.dataset)
        budget = self.budget(case.dataset, variant)
        real, evaluation = subsets(located, budget.data, self.overrides.evaluate)
        org = self._predictions(real, evaluation, budget)
        synthetic: tuple[ImageSet, ...] = ()
        trained_on: TrainedOn | None = None
        about: str | None = None
        remarks: tuple[str, ...] = ()
        training_sets: tuple[ImageSet, ...] = (real,)
        predictions: tuple[tuple[Predictions, ...], ...] = (org,)
        if case.generator:
            generator, settings = self._configured(case.generator, budget, variant)
            trained_on, remarks = generator.data_source(settings), generator.remarks(settings)
            about = generator.about(settings, budget.data.image_size)
            synthetic = self._synthetic(case.generator, located, real, budget, variant)
            if variant and variant.axis == "filter":
                synthetic = tuple(self._filtered(variant.word, images, located, real, budget) for images in synthetic)
            training_sets = tuple(training_set(case.mode, real, images, variant) for images in synthetic)
            if variant and variant.axis == "budget":
                steps = org[0].classifier.optimiser_steps
                budget = budget.model_copy(update={"classifier": budget.classifier.model_copy(update={"steps": steps})})
            predictions = tuple(self._predictions(images, evaluation, budget) for images in training_sets)
        elif variant and variant.axis == "augmentation":
            org = self._predictions(real, evaluation, self.budget(case.dataset))
        fidelity, notes = self._fidelity(synthetic, real, located, budget)
        metrics = budget.metrics
        return CasePlan(
            case=case,
            located=located,
            real=real,
            evaluation=evaluation,
            synthetic=synthetic,
            training_sets=training_sets,
            predictions=predictions,
            fidelity=(*fidelity, *self._leaking(synthetic if trained_on == "unknown" else (), evaluation, budget)),
            summary=Summary(predictions=predictions, alpha=metrics.alpha, seed=SEED_OF_STATISTICS),
            comparison=(
                Comparison(
                    case=predictions,
                    org=org,
                    smallest_effect=metrics.smallest_effect,
                    alpha=metrics.alpha,
                    seed=SEED_OF_STATISTICS,
                )
                if predictions != (org,)
                else None
            ),
            pictures=self._pictures(case, real, synthetic, fidelity, located, budget),
            trained_on=trained_on,
            generator_description=about,
            notes=(*remarks, *notes),
        )

    def discriminator(self, dataset: str, generator: str) -> DiscriminatorPlan:
        """Return the recipes of a discriminator test; raises as ``case`` does."""
        budget, located = self.budget(dataset), self.locate(dataset)
        real, evaluation = subsets(located, budget.data, self.overrides.evaluate)
        on_real = self._predictions(real, evaluation, budget)
        synthetic = self._synthetic(generator, located, real, budget)
        on_synthetic = (row for images in synthetic for row in self._predictions(real, images, budget))
        return DiscriminatorPlan(dataset, generator, on_real, tuple(on_synthetic))

    def _synthetic(
        self, name: str, located: Located, real: RealSubset, budget: Budget, variant: Variant | None = None
    ) -> tuple[ImageSet, ...]:
        generator, settings = self._configured(name, budget, variant)
        planned = []
        for seed in range(budget.generator_seeds):
            request = Request(
                real=real,
                dataset=located.card.name,
                classes=located.content.classes,
                prompts=located.card.prompts,
                size=budget.data.image_size,
                counts=real.counts,
                seed=seed,
                compute=budget.compute,
            )
            if variant and variant.axis == "ratio":
                counts = tuple(max(1, round(count * variant.value)) for count in real.counts)
            else:
                there = generator.available(request, settings)
                counts = real.share_of(there) if there else real.counts
            planned.append(generator.synthetic(request.model_copy(update={"counts": counts}), settings))
        return tuple(planned)

    def _filtered(self, name: str, images: ImageSet, located: Located, real: RealSubset, budget: Budget) -> ImageSet:
        """Return what a filter keeps; of real images it is shown those that are trained on, and no other."""
        plugin = filters.get(name)
        candidates = Candidates(
            images=images,
            real=real,
            classes=located.content.classes,
            org=self._predictions(real, images, budget)[0],
            size=budget.data.image_size,
            sides=budget.metrics.sides,
            compute=_exact(budget.compute),
        )
        return plugin.filtered(candidates, plugin.configure(budget.filter.get(name, {}), self.data_paths))

    def _configured(
        self, name: str, budget: Budget, variant: Variant | None = None
    ) -> tuple[Generator, GeneratorSettings]:
        generator, settings = generators.get(name), self._settings(name, budget)
        if variant and variant.axis == "guidance":
            settings = settings.guided(variant.value) or settings
        if self.overrides.limit_steps:
            settings = settings.limited(self.overrides.limit_steps)
        return generator, settings

    def _predictions(self, trained_on: ImageSet, tested_on: ImageSet, budget: Budget) -> tuple[Predictions, ...]:
        return tuple(
            Predictions(
                classifier=self._limited(
                    Classifier(
                        training_set=trained_on,
                        classes=len(trained_on.counts or tested_on.counts or ()),  # a filtered set knows no counts
                        settings=budget.classifier,
                        seed=seed,
                        compute=budget.compute,
                    )
                ),
                images=tested_on,
                compute=budget.compute,
            )
            for seed in range(budget.seeds)
        )

    def _limited(self, classifier: Classifier) -> Classifier:
        """Return a classifier whose training is cut, if it is longer than it may be, or nobody knows how long."""
        steps, most = classifier.optimiser_steps, self.overrides.limit_steps
        if most is None or (steps is not None and steps <= most):
            return classifier
        settings = classifier.settings.model_copy(update={"steps": most})
        return classifier.model_copy(update={"settings": settings})

    def _fidelity(
        self, synthetic: tuple[ImageSet, ...], real: RealSubset, located: Located, budget: Budget
    ) -> tuple[tuple[Fidelity, ...], tuple[str, ...]]:
        """Return the metrics of every extractor whose weights are here, and why the others are left out.

        Copies of training images are looked for in any case.
        """
        compute = _exact(budget.compute)
        planned: list[Fidelity] = []
        notes: list[str] = []
        for name in budget.metrics.extractors if synthetic else ():
            try:
                extractors.get(name).check(self.data_paths)
            except Unavailable as error:
                notes.append(str(error))
                continue
            side = budget.metrics.sides.get(name)
            planned += (
                plan_fidelity(
                    images,
                    real,
                    name,
                    compute,
                    natural=located.card.natural,
                    seed=budget.metrics.seed,
                    side=side,
                )
                for images in synthetic
            )
        planned += (plan_copying(images, real, compute, size=budget.data.image_size) for images in synthetic)
        return tuple(planned), tuple(notes)

    def _leaking(self, synthetic: tuple[ImageSet, ...], evaluation: RealSubset, budget: Budget) -> tuple[Fidelity, ...]:
        """Return the search for the images that are tested on, among images of which nobody knows what made them."""
        compute, size = _exact(budget.compute), budget.data.image_size
        return tuple(plan_copying(images, evaluation, compute, size=size, split="test") for images in synthetic)

    def _pictures(
        self,
        case: Case,
        real: RealSubset,
        synthetic: tuple[ImageSet, ...],
        fidelity: tuple[Fidelity, ...],
        located: Located,
        budget: Budget,
    ) -> tuple[Picture, ...]:
        """Return the pictures of the first generator seed's images; a variant has none."""
        if case.generator is None or case.variant is not None:
            return ()
        return plan_pictures(
            case.dataset,
            case.generator,
            real=real,
            synthetic=synthetic[0],
            org=self._predictions(real, synthetic[0], budget),
            fidelity=[recipe for recipe in fidelity if recipe.synthetic.features.images == synthetic[0]],
            classes=located.content.classes,
        )


def _exact(compute: Compute) -> Compute:
    """Published distances are those of float32 features, and a metric's id names no other precision."""
    return compute.model_copy(update={"precision": "float32"})

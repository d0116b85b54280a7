"""The planner: turns a case and a profile into recipes. Pure, fast, and without heavy imports."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel

from suite.artifacts import DataPaths
from suite.artifacts.build_context import ProgressCallback
from suite.datasets.attribute import ImageAttribute, plan_attribute
from suite.datasets.locate import LocatedDataset, locate
from suite.datasets.real import RealImages, RealSubset
from suite.errors import SuiteError, Unavailable, UsageError
from suite.filters.filter import Candidates, filters
from suite.filters.filtered import FilteredImages
from suite.generators.folder import Folder
from suite.generators.generator import Generator, GeneratorSettings, Request, generators
from suite.images import ImageSet
from suite.planning.analyses import plan_analyses
from suite.planning.arms import Arms
from suite.planning.axes import UNCHANGED
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import AnyCase, Case, DiscriminatorCase, Mode
from suite.planning.case_plan import CasePlan, DiscriminatorPlan
from suite.planning.classifier_plan import (
    ConfiguredClassifier,
    configure_classifier,
    find_classifier,
    other_classifiers,
)
from suite.planning.profiles import Budget, Profile
from suite.planning.subsets import subsets
from suite.planning.variants import Variant
from suite.statistics.looks import first_look, last_look


class Planner:
    """Plans the cases of a run.

    Args:
        profile: The budgets.
        data_paths: Paths of data and caches.
        memo: Directory that caches the contents of datasets.
        overrides: Options that override the profile.
        on_progress: Called with the number of images read and their total while a dataset is read.
        count_generators: Returns the number of generators in a dataset's row of Table 1, without the ceiling, for the
            level of its verdicts.
    """

    def __init__(
        self,
        profile: Profile,
        data_paths: DataPaths,
        memo: Path,
        overrides: BudgetOverrides | None = None,
        on_progress: ProgressCallback | None = None,
        count_generators: Callable[[str], int] = lambda _: 0,
    ) -> None:
        self.profile = profile
        self.data_paths = data_paths
        self.overrides = overrides or BudgetOverrides()
        self._memo = memo
        self._on_progress = on_progress
        self._located: dict[str, LocatedDataset] = {}
        self._count_generators = count_generators
        self._plans: dict[tuple[Case, int], CasePlan] = {}
        self._attributes: dict[str, ImageAttribute] = {}

    def locate(self, dataset: str) -> LocatedDataset:
        """Find a dataset and its content, once; raises Unavailable or BadData."""
        if dataset not in self._located:
            self._located[dataset] = self._read(dataset, self.data_paths)
        return self._located[dataset]

    def _read(self, dataset: str, data_paths: DataPaths) -> LocatedDataset:
        """Find a dataset and its content; images that have to be read are kept for the classifier of Table 1."""
        size = None
        with suppress(SuiteError):  # raised again by ``classifier``
            budget = self.budget(dataset)
            plugin, settings = configure_classifier(self.classifier_name(), budget, self.data_paths)
            size = self.overrides.image_size or plugin.image_size(settings) or budget.data.image_size
        return locate(dataset, data_paths, self._memo, size=size, on_progress=self._on_progress)

    def is_read(self, dataset: str) -> bool:
        """Return whether a dataset is present and its content cached, so that planning it takes no time."""
        if dataset not in self._located:
            try:
                without_download = self.data_paths.model_copy(update={"download": False})
                self._located[dataset] = locate(dataset, without_download, self._memo, read=False)
            except SuiteError:
                return False
        return True

    def budget(self, dataset: str, variant: Variant | None = None) -> Budget:
        """Return a dataset's budget, changed by the run's overrides and by a variant."""
        return self.overrides.apply(self.profile.budget(dataset), variant)

    def generator(self, name: str) -> Generator:
        """Return a generator: a set given with ``--synthetic``, or a registered one.

        Raises:
            UsageError: If there is no such generator, or a synthetic set has the name of a registered one.
        """
        if name not in self.data_paths.folders:
            return generators.get(name)
        if name in generators and type(generators.get(name)) is not Folder:
            raise UsageError(f"--synthetic {name}: a generator has this name already: choose another name")
        return Folder(name)

    def classifier(self, dataset: str, variant: Variant | None = None) -> ConfiguredClassifier:
        """Return the classifier of a dataset's cells of Table 1, or of a variant.

        It sees real images at the size that it needs, but not enlarged. Images that a generator makes keep their size.

        Raises:
            UsageError: If the classifier or one of its settings does not exist.
            Unavailable: If the dataset or the weights of the classifier are not on this machine.
        """
        budget, content = self.budget(dataset), self.locate(dataset).content
        plugin, settings = configure_classifier(self.classifier_name(variant), budget, self.data_paths)
        size = None if self.overrides.image_size else plugin.image_size(settings)
        return ConfiguredClassifier(
            plugin,
            settings,
            classes=len(content.classes),
            size=min(size, content.largest_side) if size else budget.data.image_size,
            compute=budget.compute,
            limit_steps=self.overrides.limit_steps,
        )

    def classifier_name(self, variant: Variant | None = None) -> str:
        """Return the name of the classifier of Table 1, or of a variant."""
        return variant.word if variant and variant.axis == "classifier" else self.overrides.classifier

    def other_classifiers(self, dataset: str) -> tuple[str, ...]:
        """Return the names of the classifiers of the classifier sweep."""
        return other_classifiers(self.overrides.classifier, self.budget(dataset), self.data_paths)

    def generator_settings(self, case: Case) -> GeneratorSettings | None:
        """Return the settings of a case's generator; None for existing images, or if it is not on this machine."""
        if case.generator is None or isinstance(self.generator(case.generator), Folder):
            return None
        try:
            return self._settings(case.generator, self.budget(case.dataset))
        except SuiteError:
            return None

    def source_names(self, plan: CasePlan) -> tuple[str, ...]:
        """Return the file name of each audited image of a cell; empty if they have no files of their own."""
        generator = plan.case.generator
        if plan.audit is None or generator is None or not self.generator(generator).has_existing_images:
            return ()
        settings = self._settings(generator, self.budget(plan.case.dataset))
        return self.generator(generator).source_names(plan.audit.synthetic, settings)

    def settings(self, dataset: str, names: Iterable[str]) -> dict[str, BaseModel]:
        """Return the settings of every stage for a dataset, by stage.

        Args:
            dataset: Name of the dataset.
            names: Names of generators; those that are not on this machine are left out.
        """
        budget = self.budget(dataset)
        classifier = self.classifier(dataset)
        stages: dict[str, BaseModel] = {"data": budget.data, "classifier": classifier.settings}
        for name in names:
            with suppress(SuiteError):
                stages[name] = self._configured(name, budget)[1]
        return {**stages, "metrics": budget.metrics, "compute": budget.compute}

    def plan(self, case: AnyCase) -> CasePlan | DiscriminatorPlan:
        """Return the plan of a cell or of a row of the discriminator table; raises as ``case`` does."""
        return self.case(case) if isinstance(case, Case) else self.discriminator(case)

    def most_seeds(self, case: Case) -> int:
        """Return the largest number of classifier seeds of a cell: its last look within the cap of the budget.

        A classifier without training noise has one seed. With several generator seeds, every classifier seed needs its
        own synthetic images, and they limit the number. A cell that only tests has those of the first look, which the
        cell of Table 1 has in any case.
        """
        budget = self.budget(case.dataset)
        variant = Variant.parse(case.variant) if case.variant else None
        classifier, _ = find_classifier(self.classifier_name(variant))
        if not classifier.has_seeds:
            return 1
        cap = min(budget.max_seeds, budget.most_seeds_of.get(classifier.name, budget.max_seeds))
        has_own_images = case.generator and budget.generator_seeds > 1 and self.generator(case.generator).has_seeds
        cap = min(cap, budget.generator_seeds) if has_own_images else cap
        return first_look(cap) if variant and variant.change.only_tests else last_look(cap)

    def case(self, case: Case, seeds: int | None = None) -> CasePlan:
        """Return a cell's plan at one number of classifier seeds, made once.

        Args:
            case: The cell.
            seeds: Number of classifier seeds; None is that of the first look.

        Raises:
            UsageError: If the dataset, the generator or a setting does not exist.
            Unavailable: If the dataset or the generator is not on this machine.
            BadData: If the dataset cannot be used.
        """
        seeds = seeds or first_look(self.most_seeds(case))
        if (case, seeds) not in self._plans:
            self._plans[case, seeds] = self._plan(case, seeds)
        return self._plans[case, seeds]

    def discriminator(self, case: DiscriminatorCase) -> DiscriminatorPlan:
        """Return the plan of a row of the discriminator table, with the seeds of the first look; raises as ``case``."""
        budget, located = self.budget(case.dataset), self.locate(case.dataset)
        classifier = self.classifier(case.dataset)
        real, evaluation = self._subsets(located, budget, classifier.size)
        seeds = first_look(self.most_seeds(Case(dataset=case.dataset, generator=case.generator, mode=Mode.SYN)))
        synthetic = self._synthetic(case.generator, located, classifier.size, budget, seeds)
        return DiscriminatorPlan(
            case.dataset,
            case.generator,
            on_real=classifier.predictions((real,), (evaluation,), seeds),
            on_synthetic=classifier.predictions((real,), synthetic, seeds),
        )

    def _plan(self, case: Case, seeds: int) -> CasePlan:
        arms = self._arms(case, seeds)
        attribute, no_attribute = self._attribute(arms.evaluation.images)
        shares_images = arms.axis.only_tests or arms.axis.name == "classifier"
        return plan_analyses(
            arms,
            classifier_name=self.classifier_name(arms.variant),
            same_images=self.case(case.model_copy(update={"variant": None})) if shares_images else None,
            attribute=attribute,
            filtered=self._every_filtered(arms) if arms.synthetic else (),
            generators=self._count_generators(case.dataset),
            data_paths=self.data_paths,
            notes=no_attribute,
        )

    def _arms(self, case: Case, seeds: int) -> Arms:
        variant = Variant.parse(case.variant) if case.variant else None
        axis, value = (variant.change, variant.choice) if variant else (UNCHANGED, 0)
        located, budget = self.locate(case.dataset), self.budget(case.dataset, variant)
        classifier = self.classifier(case.dataset, variant)
        real, evaluation = self._subsets(located, budget, classifier.size)
        tested = (axis.evaluation(evaluation, value),)
        org = classifier.predictions((real,), tested, seeds)
        changed = classifier.changed(axis.classifier_settings(classifier.settings, org[0].classifier.optimiser_steps))
        arms = Arms(
            case=case,
            seeds=seeds,
            variant=variant,
            located=located,
            budget=budget,
            classifier=changed,
            real=real,
            evaluation=evaluation,
            synthetic=(),
            training_sets=(real,),
            predictions=changed.predictions((real,), tested, seeds),
            org=org,
        )
        if case.generator is None:
            return arms
        generator, settings = self._configured(case.generator, budget, variant)
        synthetic = self._synthetic(case.generator, located, classifier.size, budget, seeds, variant)
        notes = generator.notes(synthetic[0])
        if variant and variant.axis == "filter":
            synthetic = tuple(self._filtered(variant.word, images, located, real, classifier) for images in synthetic)
        training_sets = synthetic
        if case.mode is Mode.MIX:
            training_sets = tuple(axis.mixture(real, images, value) for images in synthetic)
        return replace(
            arms,
            synthetic=synthetic,
            training_sets=training_sets,
            predictions=changed.predictions(training_sets, tested, seeds),
            trained_on=generator.training_data(settings),
            has_existing_images=isinstance(generator, Folder),
            generator_description=generator.describe(settings, budget.data.image_size),
            checks=generator.checks(settings),
            notes=notes,
        )

    def _attribute(self, images: RealImages) -> tuple[ImageAttribute | None, tuple[str, ...]]:
        """Return the attribute of ``--groups``, or why a dataset does not have it; read once.

        Raises:
            UsageError: If the only dataset of the run does not have it.
        """
        column = self.overrides.groups
        if column is None:
            return None, ()
        try:
            if images.key not in self._attributes:
                self._attributes[images.key] = plan_attribute(column, images, self.data_paths)
        except (UsageError, Unavailable) as error:
            if self.data_paths.alone is not None:
                raise
            return None, (str(error),)
        return self._attributes[images.key], ()

    def _subsets(self, located: LocatedDataset, budget: Budget, size: int) -> tuple[RealSubset, RealSubset]:
        """Return the real training and test images at one size."""
        overrides = self.overrides
        return subsets(
            located,
            budget.data.model_copy(update={"image_size": size}),
            overrides.evaluate,
            leave_out_duplicates=overrides.all_images and not overrides.keep_duplicates,
            train_on_all=overrides.all_images,
            hold_back_half=overrides.ceiling,
        )

    def _synthetic(
        self,
        name: str,
        located: LocatedDataset,
        size: int,
        budget: Budget,
        seeds: int,
        variant: Variant | None = None,
    ) -> tuple[ImageSet, ...]:
        """Plan one synthetic set for all classifier seeds, or one for each if there are several generator seeds.

        Existing images are read at the size of the classifier, others are made at that of the profile.
        """
        generator, settings = self._configured(name, budget, variant)
        size = size if generator.has_existing_images else budget.data.image_size
        real, _ = self._subsets(located, budget, size)
        image_sets = []
        for seed in range(seeds if budget.generator_seeds > 1 and generator.has_seeds else 1):
            request = Request(
                real=real,
                dataset=located.card.name,
                classes=located.content.classes,
                prompts=located.card.prompts,
                size=size,
                counts=real.counts,
                seed=seed,
                compute=budget.compute,
            )
            counts = variant.change.synthetic_counts(real.counts, variant.choice) if variant else None
            if counts is None:
                counts = tuple(max(1, round(count * self.overrides.amount)) for count in real.counts)
                if available := generator.available(request, settings):
                    counts = tuple(map(min, counts, available))
            image_sets.append(generator.synthetic(request.model_copy(update={"counts": counts}), settings))
        return tuple(image_sets)

    def _every_filtered(self, arms: Arms) -> Iterator[FilteredImages]:
        """Plan every filter of the filter sweep that can be used on this machine, for the first synthetic set."""
        names = self.budget(arms.case.dataset).sweep.filter
        for name in filters if names is None else names:
            with suppress(SuiteError):
                yield self._filtered(name, arms.synthetic[0], arms.located, arms.real, arms.classifier)

    def _filtered(
        self, name: str, images: ImageSet, located: LocatedDataset, real: RealSubset, classifier: ConfiguredClassifier
    ) -> FilteredImages:
        """Plan a filter; it gets the real training images and no other real images."""
        plugin, budget = filters.get(name), self.budget(located.card.name)
        candidates = Candidates(
            images=images,
            real=real,
            classes=located.content.classes,
            org=classifier.predictions((real,), (images,), 1)[0],
            size=classifier.size,
            sides=budget.metrics.sides,
            compute=budget.compute.in_float32,
        )
        return plugin.filtered(candidates, plugin.configure(budget.filter.get(name, {}), self.data_paths))

    def _settings(self, name: str, budget: Budget) -> GeneratorSettings:
        return self.generator(name).configure(budget.generator.get(name, {}), self.data_paths)

    def _configured(
        self, name: str, budget: Budget, variant: Variant | None = None
    ) -> tuple[Generator, GeneratorSettings]:
        settings = self._settings(name, budget)
        if variant:
            settings = variant.change.generator_settings(settings, variant.choice)
        if self.overrides.limit_steps:
            settings = settings.limited(self.overrides.limit_steps)
        return self.generator(name), settings

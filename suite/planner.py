"""Planning: a case and a profile become recipes. Pure, quick, and without any heavy import."""

from dataclasses import dataclass
from pathlib import Path

from suite.artifacts import Places
from suite.case import Case, Mode
from suite.classifiers.recipes import Classifier, Predictions
from suite.datasets.locate import Located, locate
from suite.datasets.real import RealImages, RealSubset
from suite.errors import SuiteError, Unavailable
from suite.generators.generator import Request, Settings, generators
from suite.images import ImageSet, Mixture, Portion
from suite.metrics.extractors.extractor import extractors
from suite.metrics.recipes import Fidelity, plan_copying, plan_fidelity
from suite.plan import CasePlan, DiscriminatorPlan
from suite.profiles import Budget, Profile
from suite.report.pictures import Picture, plan_pictures
from suite.statistics.recipes import Comparison, Summary
from suite.variants import Variant

SEED_OF_STATISTICS = 0


@dataclass(frozen=True)
class Choice:
    """What a run may change of a profile, from the command line.

    Attributes:
        seeds: Classifier seeds; None is the profile's number.
        generator_seeds: Generator seeds; None is the profile's number.
        evaluate: The split that classifiers are tested on: ``test``, or ``validation`` for all tuning.
        image_size: Height and width of all images; None is the profile's.
        limit_steps: Cuts every training and sampling to so many steps, under keys of their own.
    """

    seeds: int | None = None
    generator_seeds: int | None = None
    evaluate: str = "test"
    image_size: int | None = None
    limit_steps: int | None = None


class Planner:
    """Makes the plans of a run.

    Args:
        profile: The budgets.
        places: Where data lies.
        memo: Directory that remembers datasets' contents.
        choice: What the command line changes.
    """

    def __init__(self, profile: Profile, places: Places, memo: Path, choice: Choice | None = None) -> None:
        self.profile = profile
        self.places = places
        self.choice = choice or Choice()
        self._memo = memo
        self._located: dict[str, Located] = {}
        self._plans: dict[Case, CasePlan] = {}

    def locate(self, dataset: str) -> Located:
        """Find a dataset, once; raises Unavailable or BadData."""
        if dataset not in self._located:
            self._located[dataset] = locate(dataset, self.places, self._memo)
        return self._located[dataset]

    def is_read(self, dataset: str) -> bool:
        """Return whether a dataset is here and its content known, so that planning it costs nothing."""
        if dataset not in self._located:
            try:
                here = self.places.model_copy(update={"download": False})
                self._located[dataset] = locate(dataset, here, self._memo, read=False)
            except SuiteError:
                return False
        return True

    def budget(self, dataset: str, variant: Variant | None = None) -> Budget:
        """Return a dataset's budget with the run's choices, and a variant's change, in it."""
        budget = self.profile.budget(dataset)
        choice = self.choice
        data, classifier = budget.data, budget.classifier
        if choice.image_size:
            data = data.model_copy(update={"image_size": choice.image_size})
        if variant and variant.axis == "scarcity":
            data = data.model_copy(update={"per_class": int(variant.value)})
        if variant and variant.axis == "augmentation":
            classifier = classifier.model_copy(update={"augmentation": ()})
        if choice.limit_steps:
            classifier = classifier.model_copy(update={"steps": choice.limit_steps})
        return budget.model_copy(
            update={
                "data": data,
                "classifier": classifier,
                "seeds": choice.seeds or budget.seeds,
                "generator_seeds": choice.generator_seeds or budget.generator_seeds,
            }
        )

    def is_guided(self, case: Case) -> bool:
        """Return whether a case's generator knows guidance; one that is not here knows none."""
        if case.generator is None:
            return False
        try:
            settings = self._settings(case.generator, self.budget(case.dataset))
        except SuiteError:
            return False
        return settings.guided(1.0) is not None

    def _settings(self, name: str, budget: Budget) -> Settings:
        return generators.get(name).configure(budget.generator.get(name, {}), self.places)

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
        real, evaluation = self._real(located, budget)
        org = self._predictions(real, evaluation, budget)
        synthetic: tuple[ImageSet, ...] = ()
        training_sets: tuple[ImageSet, ...] = (real,)
        predictions: tuple[tuple[Predictions, ...], ...] = (org,)
        if case.generator:
            synthetic = self._synthetic(case.generator, located, real, budget, variant)
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
            fidelity=fidelity,
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
            notes=notes,
        )

    def discriminator(self, dataset: str, generator: str) -> DiscriminatorPlan:
        """Return the recipes of a discriminator test; raises as ``case`` does."""
        budget, located = self.budget(dataset), self.locate(dataset)
        real, evaluation = self._real(located, budget)
        on_real = self._predictions(real, evaluation, budget)
        synthetic = self._synthetic(generator, located, real, budget)
        on_synthetic = (row for images in synthetic for row in self._predictions(real, images, budget))
        return DiscriminatorPlan(dataset, generator, on_real, tuple(on_synthetic))

    def _real(self, located: Located, budget: Budget) -> tuple[RealSubset, RealSubset]:
        """Return the subset to fit on and the subset to test on."""
        data, content = budget.data, located.content
        train, test = (
            RealImages(
                dataset=located.card.name,
                content=content.id,
                split=split,
                size=data.image_size,
                per_class=counts,
            )
            for split, counts in (("train", content.train), ("test", content.test))
        )
        most = data.test_per_class or max(content.train)
        carve = tuple(min(most, max(1, round(count * data.validation))) for count in content.train)
        take = tuple(
            min(data.per_class or count, count - carved) for count, carved in zip(content.train, carve, strict=True)
        )
        real = RealSubset(images=train, part="fit", carve=carve, take=take, seed=data.split_seed)
        if self.choice.evaluate == "validation":
            return real, RealSubset(images=train, part="validation", carve=carve, take=carve, seed=data.split_seed)
        tested = tuple(min(data.test_per_class or count, count) for count in content.test)
        return real, RealSubset(images=test, part="all", carve=(0,) * len(tested), take=tested, seed=data.split_seed)

    def _synthetic(
        self, name: str, located: Located, real: RealSubset, budget: Budget, variant: Variant | None = None
    ) -> tuple[ImageSet, ...]:
        generator = generators.get(name)
        settings = self._settings(name, budget)
        if variant and variant.axis == "guidance":
            settings = settings.guided(variant.value) or settings
        if self.choice.limit_steps:
            settings = settings.limited(self.choice.limit_steps)
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
                counts = generator.available(request, settings) or real.counts
            planned.append(generator.synthetic(request.model_copy(update={"counts": counts}), settings))
        return tuple(planned)

    def _predictions(self, trained_on: ImageSet, tested_on: ImageSet, budget: Budget) -> tuple[Predictions, ...]:
        return tuple(
            Predictions(
                classifier=Classifier(
                    training_set=trained_on,
                    classes=len(tested_on.counts or ()),
                    settings=budget.classifier,
                    seed=seed,
                    compute=budget.compute,
                ),
                images=tested_on,
                compute=budget.compute,
            )
            for seed in range(budget.seeds)
        )

    def _fidelity(
        self, synthetic: tuple[ImageSet, ...], real: RealSubset, located: Located, budget: Budget
    ) -> tuple[tuple[Fidelity, ...], tuple[str, ...]]:
        """Return the metrics of every extractor whose weights are here, and why the others are left out.

        Copies of training images are looked for in any case.
        """
        # Published distances are those of float32 features, and a metric's id names no other precision.
        compute = budget.compute.model_copy(update={"precision": "float32"})
        planned: list[Fidelity] = []
        notes: list[str] = []
        for name in budget.metrics.extractors if synthetic else ():
            try:
                extractors.get(name).check(self.places)
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


def training_set(mode: Mode, real: RealSubset, synthetic: ImageSet, variant: Variant | None = None) -> ImageSet:
    """Return how a generator's images become a training set: alone, with the real ones, or in place of some."""
    if mode is Mode.SYN:
        return synthetic
    if variant is None or variant.axis != "replace":
        return Mixture(parts=(real, synthetic))
    replaced = tuple(round(count * variant.value) for count in real.counts)
    kept = tuple(count - gone for count, gone in zip(real.counts, replaced, strict=True))
    return Mixture(parts=(Portion(images=real, take=kept), Portion(images=synthetic, take=replaced)))

"""Planning: a case and a profile become recipes. Pure, quick, and without any heavy import."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from suite.artifacts import Places, Recipe
from suite.case import Case, Mode
from suite.classifiers.recipes import Classifier, Predictions
from suite.datasets.locate import Located, locate
from suite.datasets.real import RealImages, RealSubset
from suite.errors import SuiteError, Unavailable
from suite.generators.generator import Request, generators
from suite.images import ImageSet, Mixture
from suite.metrics.extractors.extractor import extractors
from suite.metrics.recipes import Fidelity, plan_fidelity
from suite.profiles import Budget, Profile
from suite.report.grid import Grid
from suite.statistics.recipes import Comparison, Summary

SEED_OF_STATISTICS = 0


@dataclass(frozen=True)
class Choice:
    """What a run may change of a profile, from the command line.

    Attributes:
        seeds: Classifier seeds; None is the profile's number.
        generator_seeds: Generator seeds; None is the profile's number.
        evaluate: The split that classifiers are tested on: ``test``, or ``validation`` for all tuning.
    """

    seeds: int | None = None
    generator_seeds: int | None = None
    evaluate: str = "test"


@dataclass(frozen=True)
class CasePlan:
    """The recipes of one cell of Table 1.

    Attributes:
        case: The cell.
        located: Its dataset.
        real: The real images to fit on.
        evaluation: The real images to test on.
        synthetic: Synthetic images, one set a generator seed; empty for ``org``.
        training_sets: One a generator seed; one for ``org``.
        predictions: By training set, then by classifier seed.
        fidelity: Metrics of the synthetic images, by generator seed and extractor.
        summary: Mean accuracy with its intervals.
        comparison: Paired difference from ``org``; None for ``org`` itself.
        grid: Real beside synthetic images; None for ``org``.
        notes: What was left out of the plan, and why.
    """

    case: Case
    located: Located
    real: RealSubset
    evaluation: RealSubset
    synthetic: tuple[ImageSet, ...]
    training_sets: tuple[ImageSet, ...]
    predictions: tuple[tuple[Predictions, ...], ...]
    fidelity: tuple[Fidelity, ...]
    summary: Summary
    comparison: Comparison | None
    grid: Grid | None
    notes: tuple[str, ...] = ()

    @cached_property
    def classifiers(self) -> tuple[Classifier, ...]:
        """Every classifier of the case, by training set, then by seed."""
        return tuple(prediction.classifier for row in self.predictions for prediction in row)

    @cached_property
    def targets(self) -> tuple[Recipe, ...]:
        """What the case waits for."""
        every = (prediction for row in self.predictions for prediction in row)
        extra = (recipe for recipe in (self.summary, self.comparison, self.grid) if recipe is not None)
        return (*every, *self.fidelity, *extra)


@dataclass(frozen=True)
class DiscriminatorPlan:
    """The recipes of one row of the discriminator table: ``org`` classifiers on real and on synthetic images."""

    dataset: str
    generator: str
    on_real: tuple[Predictions, ...]
    on_synthetic: tuple[Predictions, ...]

    @property
    def targets(self) -> tuple[Recipe, ...]:
        """What the row waits for."""
        return (*self.on_real, *self.on_synthetic)


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

    def locate(self, dataset: str) -> Located:
        """Find a dataset, once; raises Unavailable or BadData."""
        if dataset not in self._located:
            self._located[dataset] = locate(dataset, self.places, self._memo)
        return self._located[dataset]

    def is_read(self, dataset: str) -> bool:
        """Return whether a dataset is here and its content known, so that planning it costs nothing."""
        try:
            self._located[dataset] = locate(dataset, self.places, self._memo, read=False)
        except SuiteError:
            return False
        return True

    def budget(self, dataset: str) -> Budget:
        """Return a dataset's budget with the run's choices in it."""
        budget = self.profile.budget(dataset)
        chosen = {"seeds": self.choice.seeds, "generator_seeds": self.choice.generator_seeds}
        return budget.model_copy(update={name: value for name, value in chosen.items() if value is not None})

    def case(self, case: Case) -> CasePlan:
        """Return a case's recipes.

        Raises:
            UsageError: If the dataset, the generator or a setting does not exist.
            Unavailable: If the dataset or the generator is not on this machine.
            BadData: If the dataset cannot be used.
        """
        budget, located = self.budget(case.dataset), self.locate(case.dataset)
        real, evaluation = self._real(located, budget)
        synthetic = self._synthetic(case.generator, located, real, budget) if case.generator else ()
        match case.mode:
            case Mode.ORG:
                training_sets: tuple[ImageSet, ...] = (real,)
            case Mode.SYN:
                training_sets = synthetic
            case Mode.MIX:
                training_sets = tuple(Mixture(parts=(real, images)) for images in synthetic)
        predictions = tuple(self._predictions(images, evaluation, budget) for images in training_sets)
        fidelity, notes = self._fidelity(synthetic, real, located, budget)
        comparison = grid = None
        if synthetic:
            comparison = Comparison(
                case=predictions,
                org=self._predictions(real, evaluation, budget),
                smallest_effect=budget.metrics.smallest_effect,
                alpha=budget.metrics.alpha,
                seed=SEED_OF_STATISTICS,
            )
            grid = Grid(real=real, synthetic=synthetic[0], classes=located.content.classes)
        return CasePlan(
            case=case,
            located=located,
            real=real,
            evaluation=evaluation,
            synthetic=synthetic,
            training_sets=training_sets,
            predictions=predictions,
            fidelity=fidelity,
            summary=Summary(predictions=predictions, alpha=budget.metrics.alpha, seed=SEED_OF_STATISTICS),
            comparison=comparison,
            grid=grid,
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

    def _synthetic(self, name: str, located: Located, real: RealSubset, budget: Budget) -> tuple[ImageSet, ...]:
        generator = generators.get(name)
        settings = generator.configure(budget.generator.get(name, {}), self.places)
        return tuple(
            generator.synthetic(
                Request(
                    real=real,
                    dataset=located.card.name,
                    classes=located.content.classes,
                    prompts=located.card.prompts,
                    size=budget.data.image_size,
                    counts=real.counts,
                    seed=seed,
                    compute=budget.compute,
                ),
                settings,
            )
            for seed in range(budget.generator_seeds)
        )

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
        """Return the metrics of every extractor whose weights are here, and why the others are left out."""
        planned: list[Fidelity] = []
        notes: list[str] = []
        for name in budget.metrics.extractors if synthetic else ():
            try:
                extractors.get(name).check(self.places)
            except Unavailable as error:
                notes.append(str(error))
                continue
            planned += (
                plan_fidelity(
                    images,
                    real,
                    name,
                    budget.compute,
                    natural=located.card.natural,
                    seed=budget.metrics.seed,
                )
                for images in synthetic
            )
        return tuple(planned), tuple(notes)

"""Checks on the artifacts of a cell, and whether its comparison with ``org`` is valid: read with the results."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from suite.artifacts import Recipe, Store
from suite.artifacts.manifest import BuiltWith
from suite.classifiers.label_check import LabelAgreement
from suite.datasets.checks import Check, NotRun, Rule, reasons_not_valid, run_rules
from suite.datasets.naming import MAX_QUOTED, escaped
from suite.metrics.leak_search import LeakedImages
from suite.planning.case_plan import CasePlan
from suite.results.copies import (
    MANY_COPIES,
    MAX_LEAKED_SHARE,
    MIN_COPIES,
    MIN_COPIES_SHARE,
    MIN_LEAKED,
    copied,
    copied_by_distance,
    other_leaked,
    too_many_leaked,
)
from suite.results.environments import environment_differences
from suite.results.measurements import read_measurements
from suite.statistics.recipes import COMPARISON
from suite.statistics.summaries import Difference, Judgement, Verdict

CONFIDENCE = 1.96  # standard errors of ORG's accuracy
MIN_IMAGES = 20  # of a class; with fewer, its confusion says little
CLASS_MARGIN = 0.25  # share of a class's images
RECOGNISED, NOT_RECOGNISED = 0.5, 0.05  # share of a class's real images, share of its synthetic images
SEARCHED = "existing images and generators with unknown training data"


@dataclass(frozen=True)
class BuiltCell:
    """A finished cell.

    Attributes:
        plan: Its recipes.
        store: Where their artifacts are.
    """

    plan: CasePlan
    store: Store


def cell_checks(plan: CasePlan, store: Store) -> tuple[Check, ...]:
    """Return the outcome of every check on a finished cell and on its synthetic images; none for ``org``.

    Raises:
        BadArtifact: If an artifact of the cell is missing or damaged.
    """
    synthetic = SYNTHETIC_RULES if plan.synthetic else ()
    compared = COMPARISON_RULES if plan.verdict else ()
    return (*plan.checks, *run_rules((*synthetic, *compared), BuiltCell(plan, store)))


def with_validity(judgement: Judgement, plan: CasePlan, store: Store) -> Judgement:
    """Return the judgement on a finished cell; it is ``not valid`` if a check of that severity found something.

    Raises:
        BadArtifact: If an artifact of the cell is missing or damaged.
    """
    rules = (rule for rule in (*SYNTHETIC_RULES, *COMPARISON_RULES) if rule.severity == "not valid")
    checks = (*plan.located.content.checks, *plan.checks, *run_rules(rules, BuiltCell(plan, store)))
    reason = reasons_not_valid(checks)
    if not reason:
        return judgement
    return judgement.model_copy(update={"verdict": Verdict.NOT_VALID, "reason": reason, "more_seeds": None})


def difference_of(plan: CasePlan, store: Store) -> Difference:
    """Read a cell's comparison at its number of seeds; raises BadArtifact if it is missing or damaged."""
    assert plan.verdict is not None
    return Difference.model_validate(store.get(plan.verdict.comparisons[-1]).json(COMPARISON))


def look_alikes(agreement: LabelAgreement, images: tuple[int, ...]) -> dict[int, int]:
    """Return the classes that are mostly recognised as another class, and that class.

    More than half of the synthetic images, by two standard errors at most, are predicted as the other class, and
    ``CLASS_MARGIN`` more than of the real images; the same margin separates the classes on real images. Classes that
    seem exchanged are left out.

    Args:
        agreement: How classifiers that were trained on real images see the classes.
        images: Synthetic images of each class.
    """
    exchanged = {label for cycle in agreement.exchanged for label in cycle}
    found = {}
    for label, (synthetic, real, count) in enumerate(zip(agreement.confusion, agreement.real, images, strict=True)):
        other = max(range(len(synthetic)), key=synthetic.__getitem__)
        if label in exchanged or other == label or count < MIN_IMAGES:
            continue
        most = synthetic[other] > 0.5 + count**-0.5
        if most and min(synthetic[other] - real[other], real[label] - real[other]) > CLASS_MARGIN:
            found[label] = other
    return found


def hardly_recognised(agreement: LabelAgreement, images: tuple[int, ...]) -> dict[int, tuple[float, float]]:
    """Return the classes that are hardly recognised, with the shares of their synthetic and real images that are.

    Classes that seem exchanged, and those of ``look_alikes``, are left out.

    Args:
        agreement: How classifiers that were trained on real images see the classes.
        images: Synthetic images of each class.
    """
    named = {label for cycle in agreement.exchanged for label in cycle} | look_alikes(agreement, images).keys()
    return {
        label: (agreement.confusion[label][label], agreement.real[label][label])
        for label, count in enumerate(images)
        if label not in named
        and count >= MIN_IMAGES
        and agreement.confusion[label][label] <= NOT_RECOGNISED
        and agreement.real[label][label] >= RECOGNISED
    }


def _leaked(cell: BuiltCell) -> Iterator[str]:
    return too_many_leaked(_most_leaked(cell))


def _other_leaked(cell: BuiltCell) -> Iterator[str]:
    return other_leaked(_most_leaked(cell))


def _most_leaked(cell: BuiltCell) -> LeakedImages:
    """Return the copies of test images of the generator seed with most of them."""
    _need(cell.plan.leak_searches, cell.plan)
    found = (search.read(cell.store).test for search in cell.plan.leak_searches)
    return max(found, key=lambda leaked: (leaked.found, leaked.not_evaluated))


def _exchanged_classes(cell: BuiltCell) -> Iterator[str]:
    cycles = dict.fromkeys(cycle for agreement, _ in _agreements(cell) for cycle in agreement.exchanged)
    names = (" and ".join(_class(cell, label) for label in cycle) for cycle in cycles)
    if cycles:
        yield f"class folders of {cell.plan.case.generator} seem exchanged: {', '.join(names)}"


def _look_alikes(cell: BuiltCell) -> Iterator[str]:
    pairs = dict.fromkeys(pair for seen in _agreements(cell) for pair in look_alikes(*seen).items())
    texts = [f"{_class(cell, label)} as {_class(cell, other)}" for label, other in pairs]
    if texts:
        yield f"classes of {cell.plan.case.generator} that are mostly recognised as another one: {_first(texts)}"


def _hardly_recognised(cell: BuiltCell) -> Iterator[str]:
    shares = {label: pair for seen in _agreements(cell) for label, pair in hardly_recognised(*seen).items()}
    texts = [f"{_class(cell, label)} ({own:.0%}, real images {real:.0%})" for label, (own, real) in shares.items()]
    if texts:
        yield f"classes of {cell.plan.case.generator} that are hardly recognised: {_first(texts)}"


def _copies(cell: BuiltCell) -> Iterator[str]:
    searches = [search.read(cell.store).train for search in cell.plan.leak_searches]
    if searches:
        return copied(max(searches, key=lambda found: found.share))
    return copied_by_distance(read_measurements(cell.plan, cell.store))


def _org_at_chance(cell: BuiltCell) -> Iterator[str]:
    """Yield ORG's accuracy if it is too low: whatever is trained on more images, or for longer, then seems to help."""
    if cell.plan.predictions[0].images != cell.plan.evaluation:
        raise NotRun("the test images are corrupted: see the cell of Table 1")
    difference = difference_of(cell.plan, cell.store)
    if difference.org_accuracy - CONFIDENCE * difference.org_standard_error <= difference.constant_accuracy:
        yield (
            f"real images alone give {difference.org_accuracy:.1f} %, no better than always answering the most "
            f"frequent class ({difference.constant_accuracy:.1f} %): train longer, with a larger --profile"
        )


def _environments(cell: BuiltCell) -> Iterator[str]:
    """Yield how the environments of the two arms differ, and what to do."""

    def environments(recipes: Iterable[Recipe]) -> list[BuiltWith | None]:
        return [artifact.built_with for recipe in recipes if (artifact := cell.store.find(recipe)) is not None]

    plan = cell.plan
    org = environments(recipe for prediction in plan.org for recipe in (prediction, prediction.classifier))
    if differences := environment_differences(environments((*plan.predictions, *plan.classifiers)), org):
        yield f"{differences}: build them again with --force"


SYNTHETIC_RULES: tuple[Rule[BuiltCell], ...] = (
    Rule(
        "test images among the synthetic ones",
        "not valid",
        f"At least {MIN_LEAKED} of the test images that classifiers are tested on, and more than "
        f"{MAX_LEAKED_SHARE:.1%} of them, have a copy in the synthetic set. Only for {SEARCHED}.",
        _leaked,
    ),
    Rule(
        "other test images among the synthetic ones",
        "warning",
        f"Fewer test images than that have a copy, or others of the test split do. Only for {SEARCHED}.",
        _other_leaked,
    ),
    Rule(
        "exchanged classes",
        "not valid",
        "Classifiers trained on real images recognise the images of one class as another class, and the reverse. "
        f"Only for {SEARCHED}.",
        _exchanged_classes,
    ),
    Rule(
        "classes that look like another",
        "warning",
        "Classifiers trained on real images recognise most images of a class as one other class, without an exchange. "
        f"Not for classes with fewer than {MIN_IMAGES} images, or that the classifiers confuse on real images too. "
        f"Only for {SEARCHED}.",
        _look_alikes,
    ),
    Rule(
        "classes that are hardly recognised",
        "warning",
        f"Classifiers trained on real images recognise at most {NOT_RECOGNISED:.0%} of a class's images, but at least "
        f"{RECOGNISED:.0%} of its real ones. Not for classes with fewer than {MIN_IMAGES} images, or that are "
        f"recognised as one other class. Only for {SEARCHED}.",
        _hardly_recognised,
    ),
    Rule(
        "copies of training images",
        "warning",
        f"At least {MIN_COPIES} and {MIN_COPIES_SHARE:.0%} of the synthetic images are copies of images of the train "
        f"split; where this is not searched for, at least {MANY_COPIES:.0%} are copies of the training images in "
        "use, by the copying metric in pixels.",
        _copies,
    ),
)

COMPARISON_RULES: tuple[Rule[BuiltCell], ...] = (
    Rule(
        "real images alone at chance",
        "not valid",
        f"The accuracy of ORG, less {CONFIDENCE} standard errors, is not higher than that of always answering the most "
        "frequent class.",
        _org_at_chance,
    ),
    Rule(
        "different environments",
        "not valid",
        "ORG and the cell were made with different library releases or on different device kinds, or it is unknown.",
        _environments,
    ),
)


def _need(recipes: tuple[Recipe, ...], plan: CasePlan) -> None:
    """Raise NotRun if the search was not planned, because it is known what the images were made from."""
    if not recipes:
        origin = f": this generator was trained on {plan.trained_on}" if plan.trained_on else ""
        raise NotRun(f"only for {SEARCHED}{origin}")


def _agreements(cell: BuiltCell) -> Iterator[tuple[LabelAgreement, tuple[int, ...]]]:
    """Yield how the classes of each synthetic set are recognised, and its images per class."""
    _need(cell.plan.label_checks, cell.plan)
    classes = len(cell.plan.located.content.classes)
    for check, images in zip(cell.plan.label_checks, cell.plan.synthetic, strict=True):
        yield check.read(cell.store), images.read_counts(cell.store, classes)


def _class(cell: BuiltCell, label: int) -> str:
    return f"'{escaped(cell.plan.located.content.classes[label])}'"


def _first(texts: list[str]) -> str:
    more = f" and {len(texts) - MAX_QUOTED} more" if len(texts) > MAX_QUOTED else ""
    return ", ".join(texts[:MAX_QUOTED]) + more

"""Whether a cell's comparison with ``org`` is valid: what lies over its statistical verdict when results are read."""

from collections.abc import Iterable

from suite.artifacts import Recipe, Store
from suite.artifacts.manifest import BuiltWith
from suite.datasets.naming import escaped
from suite.planning.case_plan import CasePlan
from suite.results.environments import environment_differences
from suite.statistics.recipes import COMPARISON
from suite.statistics.summaries import Difference, Judgement, Verdict

MIN_LEAKED, MAX_LEAKED_SHARE = 2, 0.005  # two test images, and more than 0.5 % of them
CONFIDENCE = 1.96  # standard errors of ORG's accuracy


def with_validity(judgement: Judgement, plan: CasePlan, store: Store) -> Judgement:
    """Return the judgement on a finished cell; it is ``not valid`` if the comparison is not.

    Raises:
        BadArtifact: If an artifact of the cell is missing or damaged.
    """
    checks = (_leaked, _exchanged_classes, _org_at_chance, _environments)
    reason = "; ".join(filter(None, (check(plan, store) for check in checks)))
    if not reason:
        return judgement
    return judgement.model_copy(update={"verdict": Verdict.NOT_VALID, "reason": reason, "more_seeds": None})


def difference_of(plan: CasePlan, store: Store) -> Difference:
    """Read a cell's comparison at its number of seeds; raises BadArtifact if it is missing or damaged."""
    assert plan.verdict is not None
    return Difference.model_validate(store.get(plan.verdict.comparisons[-1]).json(COMPARISON))


def _leaked(plan: CasePlan, store: Store) -> str:
    """Return how many test images are among the synthetic ones, if they are too many."""
    worst = max((search.read(store) for search in plan.leak_searches), key=lambda images: images.found, default=None)
    if worst is None or worst.found < MIN_LEAKED or worst.found <= MAX_LEAKED_SHARE * worst.test_images:
        return ""
    return f"{worst.found:,} of {worst.test_images:,} test images are among the synthetic ones"


def _exchanged_classes(plan: CasePlan, store: Store) -> str:
    """Return which class folders seem exchanged: classifiers trained on real images recognise the other class."""
    classes = plan.located.content.classes
    cycles = dict.fromkeys(cycle for check in plan.label_checks for cycle in check.read(store).exchanged)
    names = (" and ".join(f"'{escaped(classes[label])}'" for label in cycle) for cycle in cycles)
    return f"class folders of {plan.case.generator} seem exchanged: {', '.join(names)}" if cycles else ""


def _org_at_chance(plan: CasePlan, store: Store) -> str:
    """Return ORG's accuracy if it is not better than always predicting the most frequent class.

    Whatever is trained on more images, or for longer, than an ORG that has not learnt seems to help.
    """
    difference = difference_of(plan, store)
    if difference.org_accuracy - CONFIDENCE * difference.org_standard_error > difference.constant_accuracy:
        return ""
    return (
        f"real images alone give {difference.org_accuracy:.1f} %, no better than always answering the most frequent "
        f"class ({difference.constant_accuracy:.1f} %): train longer, with a larger --profile"
    )


def _environments(plan: CasePlan, store: Store) -> str:
    """Return how the environments of the two arms differ, and what to do."""

    def environments(recipes: Iterable[Recipe]) -> list[BuiltWith | None]:
        return [artifact.built_with for recipe in recipes if (artifact := store.find(recipe)) is not None]

    org = environments(recipe for prediction in plan.org for recipe in (prediction, prediction.classifier))
    differences = environment_differences(environments((*plan.predictions, *plan.classifiers)), org)
    return differences and f"{differences}: build them again with --force"

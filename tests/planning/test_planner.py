"""The planner: which recipes are shared, and which ones an option or a variant changes."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from PIL import Image

from suite.artifacts import DataPaths, Recipe
from suite.classifiers.classifier import ResampledPredictions
from suite.datasets.locate import locate
from suite.datasets.real import RealSubset
from suite.engines.build import in_order
from suite.errors import UsageError
from suite.images import Mixture
from suite.images.corrupted import CorruptedImages
from suite.metrics.recipes import FeatureStatistics
from suite.planning import planner
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import Case, DiscriminatorCase, Mode, cases_of
from suite.planning.case_plan import CasePlan
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile
from suite.planning.subsets import subsets
from suite.planning.verdict_plan import plan_verdict
from suite.testing.digits import CLASSES

Plan = Callable[..., CasePlan]

ORG = Case(dataset="digits", mode=Mode.ORG)
SYN = Case(dataset="digits", generator="cd", mode=Mode.SYN)
MIX = Case(dataset="digits", generator="cd", mode=Mode.MIX)


@pytest.fixture(scope="module")
def memo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory in which the content of digits is cached."""
    folder = tmp_path_factory.mktemp("memo")
    locate("digits", DataPaths(), folder)
    return folder


@pytest.fixture
def plan(memo: Path) -> Plan:
    """A function that plans a case of digits with a profile and overrides."""

    def make(case: Case = ORG, profile: str = "smoke", **overrides: object) -> CasePlan:
        return Planner(load_profile(profile), DataPaths(), memo, BudgetOverrides(**overrides)).case(case)  # type: ignore[arg-type]

    return make


def keys(*recipes: Recipe) -> set[str]:
    return {recipe.key for recipe in in_order(*recipes)}


def test_org_classifiers_are_shared_by_all_cases(plan: Plan, memo: Path) -> None:
    org = keys(*plan(ORG).predictions)
    for case in cases_of("digits", ("cd", "biggan"))[1:]:
        planned = plan(case)
        assert planned.verdict is not None
        assert keys(*planned.org, *planned.verdict.comparisons[0].org) == org
    row = Planner(load_profile("smoke"), DataPaths(), memo).discriminator(DiscriminatorCase("digits", "cd"))
    assert keys(*row.on_real) == org
    assert {p.classifier.key for p in row.on_synthetic} == {p.classifier.key for p in row.on_real}


def test_syn_and_mix_share_synthetic_images_with_the_counts_of_the_real_ones(plan: Plan) -> None:
    syn, mix = plan(SYN), plan(MIX)
    assert [images.key for images in syn.synthetic] == [images.key for images in mix.synthetic]
    assert syn.synthetic[0].counts == syn.real.counts
    assert mix.training_sets == (Mixture(parts=(mix.real, mix.synthetic[0])),)


def test_targets_include_all_recipes_of_the_result(plan: Plan) -> None:
    planned = plan(MIX)
    read = (*planned.synthetic, *planned.classifiers, *planned.fidelity, *planned.predictions)
    assert {r.key for r in read} | {planned.summary.key, planned.verdict.key} <= {r.key for r in planned.targets}


def test_more_seeds_add_classifiers_and_change_no_other(plan: Plan) -> None:
    few, many = plan(max_seeds=2), plan(max_seeds=5)
    assert [c.seed for c in many.classifiers] == [0, 1, 2, 3, 4]
    assert [c.key for c in few.classifiers] == [c.key for c in many.classifiers][:2]


def test_second_generator_adds_only_its_own_recipes(plan: Plan) -> None:
    first, both = (cases_of("digits", generators) for generators in (("biggan",), ("biggan", "cd")))
    planned = keys(*(target for case in first for target in plan(case).targets))
    recipes = [recipe for case in both for recipe in in_order(*plan(case).targets)]
    added = {recipe.key: recipe for recipe in recipes if recipe.key not in planned}
    steps = Counter(recipe.step for recipe in added.values())
    assert steps["diffusion-training"] == 1
    assert steps["classifier"] == 2 * len(plan(SYN).predictions)
    assert not any(step.startswith(("real", "gan")) for step in steps)
    for recipe in added.values():
        assert "diffusion-training" in {dependency.step for dependency in in_order(recipe)}, recipe.label


def test_every_classifier_seed_has_its_own_generator_seed_if_there_are_several(plan: Plan) -> None:
    one, two = plan(MIX, max_seeds=2), plan(MIX, generator_seeds=2)
    assert len(two.synthetic) == len(two.training_sets) == len(two.predictions) == 2
    assert two.synthetic[0].key == one.synthetic[0].key != two.synthetic[1].key
    assert [c.training_set.key for c in two.classifiers] == [images.key for images in two.training_sets]
    assert two.classifiers[0].key == one.classifiers[0].key
    assert len(plan(ORG, generator_seeds=2).classifiers) == 5
    assert [p.key for p in two.org] == [p.key for p in plan(ORG).predictions[:2]]


@pytest.mark.parametrize(
    ("overrides", "most"),
    [({}, 8), ({"max_seeds": 4}, 4), ({"max_seeds": 7}, 5), ({"max_seeds": 40}, 32), ({"generator_seeds": 6}, 5)],
)
def test_most_seeds_are_those_of_the_last_look_within_the_cap(memo: Path, overrides: dict[str, int], most: int) -> None:
    planner = Planner(load_profile("smoke"), DataPaths(), memo, BudgetOverrides(**overrides))  # type: ignore[arg-type]
    assert planner.most_seeds(MIX) == most


def test_a_plan_has_the_comparisons_of_every_look_so_far(memo: Path) -> None:
    planner = Planner(load_profile("cpu"), DataPaths(), memo)
    first, third = planner.case(MIX), planner.case(MIX, 12)
    assert first.verdict is not None
    assert third.verdict is not None
    assert [len(comparison.case) for comparison in third.verdict.comparisons] == [5, 8, 12]
    assert third.verdict.comparisons[0].key == first.verdict.comparisons[0].key
    assert [picture.recipe.key for picture in third.pictures] == [picture.recipe.key for picture in first.pictures]
    assert [recipe.key for recipe in third.fidelity] == [recipe.key for recipe in first.fidelity]


@pytest.mark.parametrize(("generators", "family"), [(0, 3), (2, 3), (3, 3), (4, 4)])
def test_level_depends_on_the_mode_and_on_more_than_three_generators(memo: Path, generators: int, family: int) -> None:
    planner = Planner(load_profile("smoke"), DataPaths(), memo, count_generators=lambda _: generators)
    syn, mix = planner.case(SYN).verdict, planner.case(MIX).verdict
    assert syn is not None
    assert mix is not None
    assert (syn.level, mix.level) == pytest.approx((0.01 / family, 0.04 / family))
    assert (syn.syn, mix.syn) == (True, False)


def test_a_folder_of_images_is_planned_once_whatever_the_number_of_generator_seeds(memo: Path, tmp_path: Path) -> None:
    """Planned once per seed, one and the same set would count as three independently trained generators."""
    for name in CLASSES:
        (tmp_path / "images" / name).mkdir(parents=True)
        for number in range(2):
            Image.new("RGB", (8, 8), (number, 0, 0)).save(tmp_path / "images" / name / f"{number}.png")
    data_paths = DataPaths(cache=tmp_path / "cache", folders={"folder": tmp_path / "images"})
    planner = Planner(load_profile("smoke"), data_paths, memo, BudgetOverrides(max_seeds=2, generator_seeds=3))
    found = planner.case(Case(dataset="digits", generator="folder", mode=Mode.SYN))
    assert len(found.synthetic) == 1
    assert len(found.predictions) == 2
    assert len(planner.case(SYN).synthetic) == 2


@pytest.mark.parametrize("overrides", [{"limit_steps": 2}, {"image_size": 16}], ids=str)
@pytest.mark.parametrize("cell", [ORG, SYN, MIX], ids=lambda case: case.id)
def test_limited_or_resized_run_shares_no_result_with_a_full_run(
    plan: Plan, cell: Case, overrides: dict[str, int]
) -> None:
    full, changed = plan(cell), plan(cell, **overrides)
    results = [{r.key for r in p.predictions} | {c.key for c in p.classifiers} for p in (full, changed)]
    assert not results[0] & results[1]
    assert not {i.key for i in full.synthetic} & {i.key for i in changed.synthetic}


def test_profiles_share_no_classifiers(plan: Plan) -> None:
    smoke, cpu = (plan(ORG, profile=name) for name in ("smoke", "cpu"))
    assert not {c.key for c in smoke.classifiers} & {c.key for c in cpu.classifiers}


def with_variant(case: Case, variant: str) -> Case:
    return case.model_copy(update={"variant": variant})


def test_ratio_adds_synthetic_images_to_all_real_ones(plan: Plan) -> None:
    changed, unchanged = plan(with_variant(MIX, "ratio-0.5")), plan(MIX)
    halves = tuple(round(count / 2) for count in unchanged.real.counts)
    assert changed.synthetic[0].counts == halves
    assert changed.training_sets[0].counts == tuple(map(sum, zip(unchanged.real.counts, halves, strict=True)))
    assert changed.real.key == unchanged.real.key


def test_replace_keeps_the_number_of_images(plan: Plan) -> None:
    variant = plan(with_variant(MIX, "replace-0.25"))
    real, synthetic = variant.training_sets[0].parts
    assert variant.training_sets[0].counts == variant.real.counts
    assert synthetic.counts == tuple(round(count / 4) for count in variant.real.counts)
    assert real.images == variant.real


def test_scarcity_applies_to_the_generator_and_to_org(plan: Plan) -> None:
    variant = plan(with_variant(MIX, "scarcity-10"))
    assert variant.real.counts == (10,) * 10
    sources = [r for r in in_order(*variant.synthetic) if isinstance(r, RealSubset)]
    assert {r.key for r in sources} == {variant.real.key}
    assert {r.key for r in variant.org} != {r.key for r in plan(MIX).org}, "few images for org"


def test_imbalance_applies_to_org_and_the_generator_and_synthetic_images_fill_up(plan: Plan) -> None:
    variant = plan(with_variant(MIX, "imbalance-10"))
    real = variant.real.counts
    assert real[0] == plan(ORG).real.counts[0]
    assert real[0] == pytest.approx(10 * real[-1], rel=0.1)
    assert list(real) == sorted(real, reverse=True)
    assert variant.training_sets[0].counts == (real[0],) * 10
    sources = [r for r in in_order(*variant.synthetic) if isinstance(r, RealSubset)]
    assert {r.key for r in sources} == {variant.real.key}
    assert [p.key for p in variant.org] == [p.key for p in plan(with_variant(ORG, "imbalance-10")).predictions]
    assert variant.evaluation == plan(MIX).evaluation


@pytest.mark.parametrize("classifier", ["resnet18", "linear-probe"])
def test_reweighting_is_compared_with_org_on_the_same_images(plan: Plan, classifier: str) -> None:
    variant = plan(with_variant(ORG, "reweighting-10"), classifier=classifier)
    org = plan(with_variant(ORG, "imbalance-10"), classifier=classifier)
    assert {c.settings.balanced for c in variant.classifiers} == {True}
    assert {c.settings.balanced for c in org.classifiers} == {False}
    assert variant.real == org.real
    assert [p.key for p in variant.org] == [p.key for p in org.predictions]


def test_strength_starts_from_the_real_training_images(plan: Plan) -> None:
    changed, unchanged = plan(with_variant(MIX, "strength-0.5")), plan(MIX)
    (samples,), (plain,) = changed.synthetic, unchanged.synthetic
    assert (samples.start, plain.start) == (changed.real, None)
    assert samples.trained == plain.trained
    assert "from real images with a noise strength of 0.5" in changed.generator_description


def test_budget_variant_has_the_optimiser_steps_of_org(plan: Plan) -> None:
    variant, org, mix = plan(with_variant(MIX, "budget")), plan(ORG), plan(MIX)
    steps = {c.optimiser_steps for c in variant.classifiers}
    assert steps == {c.optimiser_steps for c in org.classifiers}
    assert max(steps) < min(c.optimiser_steps for c in mix.classifiers)


def test_guidance_changes_sampling_and_not_training(plan: Plan) -> None:
    changed, unchanged = plan(with_variant(SYN, "guidance-2")), plan(SYN)
    trained = [{r.key for r in in_order(*p.synthetic) if r.step == "diffusion-training"} for p in (changed, unchanged)]
    assert trained[0] == trained[1] != set()
    assert changed.synthetic[0].key != unchanged.synthetic[0].key


def test_org_without_augmentation_is_compared_with_org(plan: Plan) -> None:
    variant = plan(with_variant(ORG, "augmentation"))
    assert {c.settings.augmentation for c in variant.classifiers} == {()}
    assert {p.key for p in variant.org} == {p.key for p in plan(ORG).predictions}
    assert plan(ORG).verdict is None


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (Case(dataset="nothing", mode=Mode.ORG), "unknown dataset 'nothing': choose from .*digits"),
        (Case(dataset="digits", generator="nothing", mode=Mode.SYN), "unknown generator 'nothing': choose from .*cd"),
        (with_variant(MIX, "depth-2"), "unknown variant 'depth-2'"),
        (with_variant(MIX, "filter-depth"), "unknown filter 'depth': choose from agreement, .*top-k"),
        (with_variant(MIX, "corruption-frost-3"), "unknown corruption 'frost-3': give a severity from 1 to 5"),
    ],
)
def test_unknown_name_lists_the_choices(plan: Plan, cell: Case, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan(cell)


@pytest.mark.parametrize("classifier", ["resnet18", "linear-probe"])
@pytest.mark.parametrize("case", [ORG, SYN, MIX], ids=str)
def test_corruptions_only_add_predictions(plan: Plan, case: Case, classifier: str) -> None:
    variant = plan(with_variant(case, "corruption-jpeg-3"), classifier=classifier)
    unchanged = plan(case, classifier=classifier)
    assert [one.key for one in variant.classifiers] == [one.key for one in unchanged.classifiers]
    corrupted = CorruptedImages(
        images=unchanged.evaluation, corruption="jpeg", severity=3, seed=unchanged.evaluation.seed
    )
    assert {one.images.key for one in (*variant.predictions, *variant.org)} == {corrupted.key}
    steps = Counter(recipe.step for recipe in in_order(*variant.targets) if recipe.key not in keys(*unchanged.targets))
    of_verdict = {"comparison", "verdict", "probe-comparison", "probe-verdict", "resampled-probe-predictions"}
    of_verdict |= {"subgroup-accuracies"}
    tested = {"corrupted-images", "predictions", "probe-predictions", "features", "summary", "calibration"}
    assert steps.keys() <= tested | (of_verdict if case.generator else set())
    assert steps["features"] == (classifier == "linear-probe")
    resampled = [recipe for recipe in in_order(*variant.targets) if isinstance(recipe, ResampledPredictions)]
    assert len(resampled) == (2 if classifier == "linear-probe" and case.generator else 0)
    assert all(recipe.images == corrupted for recipe in resampled)
    assert variant.fidelity == ()
    assert [one.key for one in variant.org] == [
        one.key for one in plan(with_variant(ORG, "corruption-jpeg-3"), classifier=classifier).predictions
    ]


def test_cells_under_corruptions_have_the_seeds_of_the_first_look(memo: Path) -> None:
    planner = Planner(load_profile("paper"), DataPaths(), memo)
    assert planner.most_seeds(MIX) > 5
    assert planner.most_seeds(with_variant(MIX, "corruption-jpeg-3")) == 5
    two = Planner(load_profile("paper"), DataPaths(), memo, BudgetOverrides(max_seeds=2))
    assert two.most_seeds(with_variant(MIX, "corruption-jpeg-3")) == 2


def test_groups_under_corruptions_are_those_of_the_test_images(plan: Plan) -> None:
    variant = plan(with_variant(MIX, "corruption-jpeg-3"))
    verdict = plan_verdict(
        variant.predictions,
        variant.org,
        variant.predictions[0].images,
        groups=variant.evaluation,
        syn=False,
        generators=1,
        smallest_effect=1.0,
    )
    assert all(comparison.grouped == variant.evaluation for comparison in verdict.comparisons)


def test_planning_imports_no_heavy_modules(memo: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from suite.artifacts import DataPaths
from suite.planning.case import cases_of
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile
from suite.classifiers.settings import TrainingSettings
from suite.planning.axes import AXES
from suite.planning.variants import variants_of
planner = Planner(load_profile("paper"), DataPaths(), Path({str(memo)!r}))
for case in cases_of("digits", ("cd", "biggan")):
    assert planner.case(case).targets[0].key
    for axis in AXES.values():
        for variant in variants_of(case, axis, planner.budget("digits").sweep, None, TrainingSettings):
            assert planner.case(variant).targets[0].key
heavy = {{"numpy", "torch", "scipy", "matplotlib", "sklearn", "diffusers", "timm", "PIL"}}
print(sorted(heavy & set(sys.modules)))
"""
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "[]"


def test_plan_states_what_the_generator_was_trained_on(plan: Plan) -> None:
    assert plan(ORG).trained_on is None
    assert plan(SYN).trained_on == "this train split"
    sd = SYN.model_copy(update={"generator": "sd"})
    assert plan(sd).trained_on == "another domain", "smoke has a pipeline trained on typefaces"


def test_plan_describes_the_generator_and_its_settings(plan: Plan) -> None:
    assert plan(ORG).generator_description is None
    description = plan(SYN, "cpu").generator_description
    assert description == (
        "class-conditional diffusion, trained from scratch at 8x8 pixels for 2,500 steps of 64 images,"
        " sampled with 20 steps of dpm-solver++"
    )
    assert plan(SYN, "cpu", image_size=16).generator_description == f"{description}; enlarged to 16x16"
    assert "for 7 steps of 64 images, sampled with 7 steps" in (
        plan(SYN, "cpu", limit_steps=7).generator_description or ""
    )
    biggan = plan(SYN.model_copy(update={"generator": "biggan"}), "cpu").generator_description
    assert biggan == "BigGAN, trained from scratch at 8x8 pixels for 1,300 steps of 32 images"
    sd = plan(SYN.model_copy(update={"generator": "sd"})).generator_description or ""
    assert sd.startswith("Stable Diffusion (tiny, trained from scratch on captioned typefaces), prompted with class")


@pytest.mark.parametrize("name", ["manifold", "no-copies"])
def test_filters_use_the_float32_features_of_the_metrics(plan: Plan, name: str) -> None:
    measured = {recipe.key for recipe in in_order(*plan(SYN, "paper").targets) if isinstance(recipe, FeatureStatistics)}
    filtered = in_order(*plan(SYN.model_copy(update={"variant": f"filter-{name}"}), "paper").synthetic)
    used = [recipe for recipe in filtered if isinstance(recipe, FeatureStatistics)]
    assert used
    assert {recipe.compute.precision for recipe in used} == {"float32"}
    assert name != "no-copies" or {recipe.key for recipe in used} <= measured


@pytest.mark.parametrize("name", ["agreement", "manifold"])
def test_classifiers_have_the_classes_of_the_dataset_if_no_counts_are_known(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The counts of a filtered set are not known before it is built; neither are those of this evaluation set."""

    class UncountedSubset(RealSubset):
        step: ClassVar[str] = "test-uncounted-subset"

        @property
        def counts(self) -> None:
            return None

    def uncounted(*args: Any, **options: bool) -> tuple[RealSubset, RealSubset]:
        real, evaluation = subsets(*args, **options)
        return real, UncountedSubset(**{field: getattr(evaluation, field) for field in RealSubset.model_fields})

    whole = plan(SYN.model_copy(update={"variant": f"filter-{name}"}))
    monkeypatch.setattr(planner, "subsets", uncounted)
    found = plan(SYN.model_copy(update={"variant": f"filter-{name}"}))
    assert found.training_sets[0].counts is found.evaluation.counts is None
    assert {classifier.classes for classifier in (*whole.classifiers, *found.classifiers)} == {10}
    assert [c.key for c in found.classifiers] == [c.key for c in whole.classifiers]


def test_the_discriminator_has_the_classes_of_the_dataset(memo: Path) -> None:
    found = Planner(load_profile("smoke"), DataPaths(), memo).discriminator(DiscriminatorCase("digits", "cd"))
    assert {row.classifier.classes for row in (*found.on_real, *found.on_synthetic)} == {10}


def test_step_limit_shortens_longer_trainings_and_lengthens_none(plan: Plan) -> None:
    def steps(limit: int | None) -> list[int | None]:
        classifiers = (plan(case, limit_steps=limit).predictions[0].classifier for case in (ORG, MIX))
        return [classifier.optimiser_steps for classifier in classifiers]

    org, mix = steps(None)
    assert org is not None
    assert mix is not None
    assert org < mix
    assert steps(org + 1) == [org, org + 1]
    assert steps(mix + 1) == [org, mix]
    assert steps(5) == [5, 5]
    assert plan(ORG, limit_steps=org).targets[0].key == plan(ORG).targets[0].key

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
from suite.datasets.locate import locate
from suite.datasets.real import RealSubset
from suite.engines.build import in_order
from suite.errors import UsageError
from suite.images import Mixture
from suite.metrics.recipes import FeatureStatistics
from suite.planning import planner
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import Case, DiscriminatorCase, Mode, cases_of
from suite.planning.case_plan import CasePlan
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile
from suite.planning.subsets import subsets
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
    org = keys(*plan(ORG).predictions[0])
    for case in cases_of("digits", ("cd", "biggan"))[1:]:
        comparison = plan(case).comparison
        assert comparison is not None
        assert keys(*comparison.org) == org
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
    predictions = (p for row in planned.predictions for p in row)
    read = {*planned.synthetic, *planned.classifiers, *planned.fidelity, *predictions}
    assert {r.key for r in read} | {planned.summary.key, planned.comparison.key} <= {r.key for r in planned.targets}


def test_more_seeds_add_classifiers_and_change_no_other(plan: Plan) -> None:
    few, many = plan(seeds=2), plan(seeds=5)
    assert [c.seed for c in many.classifiers] == [0, 1, 2, 3, 4]
    assert [c.key for c in few.classifiers] == [c.key for c in many.classifiers][:2]


def test_second_generator_adds_only_its_own_recipes(plan: Plan) -> None:
    first, both = (cases_of("digits", generators) for generators in (("biggan",), ("biggan", "cd")))
    planned = keys(*(target for case in first for target in plan(case).targets))
    recipes = [recipe for case in both for recipe in in_order(*plan(case).targets)]
    added = {recipe.key: recipe for recipe in recipes if recipe.key not in planned}
    steps = Counter(recipe.step for recipe in added.values())
    assert steps["diffusion-training"] == 1
    assert steps["classifier"] == 2 * len(plan(SYN).predictions[0])
    assert not any(step.startswith(("real", "gan")) for step in steps)
    for recipe in added.values():
        assert "diffusion-training" in {dependency.step for dependency in in_order(recipe)}, recipe.label


def test_generator_seeds_multiply_all_modes_except_org(plan: Plan) -> None:
    one, two = plan(MIX, seeds=2), plan(MIX, seeds=2, generator_seeds=2)
    assert len(two.synthetic) == 2
    assert [len(row) for row in two.predictions] == [2, 2]
    assert two.synthetic[0].key == one.synthetic[0].key != two.synthetic[1].key
    assert len({c.key for c in two.classifiers}) == 4
    assert len(plan(ORG, seeds=2, generator_seeds=2).classifiers) == 2


def test_a_folder_of_images_is_planned_once_whatever_the_number_of_generator_seeds(memo: Path, tmp_path: Path) -> None:
    """Planned once per seed, one and the same set would count as three independently trained generators."""
    for name in CLASSES:
        (tmp_path / "images" / name).mkdir(parents=True)
        for number in range(2):
            Image.new("RGB", (8, 8), (number, 0, 0)).save(tmp_path / "images" / name / f"{number}.png")
    data_paths = DataPaths(cache=tmp_path / "cache", folders={"folder": tmp_path / "images"})
    planner = Planner(load_profile("smoke"), data_paths, memo, BudgetOverrides(seeds=2, generator_seeds=3))
    found = planner.case(Case(dataset="digits", generator="folder", mode=Mode.SYN))
    assert len(found.synthetic) == 1
    assert [len(row) for row in found.predictions] == [2]
    assert len(planner.case(SYN).synthetic) == 3


@pytest.mark.parametrize("overrides", [{"limit_steps": 2}, {"image_size": 16}], ids=str)
@pytest.mark.parametrize("cell", [ORG, SYN, MIX], ids=lambda case: case.id)
def test_limited_or_resized_run_shares_no_result_with_a_full_run(
    plan: Plan, cell: Case, overrides: dict[str, int]
) -> None:
    full, changed = plan(cell), plan(cell, **overrides)
    results = [{r.key for row in p.predictions for r in row} | {c.key for c in p.classifiers} for p in (full, changed)]
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


def test_scarcity_uses_the_number_of_seeds_of_the_profile(plan: Plan) -> None:
    def seeds(case: Case, **overrides: object) -> int:
        return len(plan(case, "cpu", **overrides).predictions[0])

    assert seeds(ORG) == seeds(MIX) == 3
    assert seeds(with_variant(ORG, "scarcity-10")) == seeds(with_variant(MIX, "scarcity-10")) == 10
    assert seeds(with_variant(MIX, "ratio-0.5")) == 3
    assert seeds(with_variant(MIX, "scarcity-10"), seeds=2) == 2


def test_scarcity_applies_to_the_generator_and_to_org(plan: Plan) -> None:
    variant = plan(with_variant(MIX, "scarcity-10"))
    assert variant.real.counts == (10,) * 10
    sources = [r for r in in_order(*variant.synthetic) if isinstance(r, RealSubset)]
    assert {r.key for r in sources} == {variant.real.key}
    assert {r.key for r in variant.comparison.org} != {r.key for r in plan(MIX).comparison.org}, "few images for org"


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
    assert {p.key for p in variant.comparison.org} == {p.key for p in plan(ORG).predictions[0]}
    assert plan(ORG).comparison is None


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (Case(dataset="nothing", mode=Mode.ORG), "unknown dataset 'nothing': choose from .*digits"),
        (Case(dataset="digits", generator="nothing", mode=Mode.SYN), "unknown generator 'nothing': choose from .*cd"),
        (with_variant(MIX, "depth-2"), "unknown variant 'depth-2'"),
        (with_variant(MIX, "filter-depth"), "unknown filter 'depth': choose from agreement, .*top-k"),
    ],
)
def test_unknown_name_lists_the_choices(plan: Plan, cell: Case, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan(cell)


def test_planning_imports_no_heavy_modules(memo: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from suite.artifacts import DataPaths
from suite.planning.case import cases_of
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile
from suite.planning.variants import variants_of
planner = Planner(load_profile("paper"), DataPaths(), Path({str(memo)!r}))
for case in cases_of("digits", ("cd", "biggan")):
    assert planner.case(case).targets[0].key
    for axis in ("filter", "ratio"):
        for variant in variants_of(case, axis, planner.budget("digits").sweep, guided=False):
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

    def uncounted(*args: Any) -> tuple[RealSubset, RealSubset]:
        real, evaluation = subsets(*args)
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
        classifiers = (plan(case, limit_steps=limit).predictions[0][0].classifier for case in (ORG, MIX))
        return [classifier.optimiser_steps for classifier in classifiers]

    org, mix = steps(None)
    assert org is not None
    assert mix is not None
    assert org < mix
    assert steps(org + 1) == [org, org + 1]
    assert steps(mix + 1) == [org, mix]
    assert steps(5) == [5, 5]
    assert plan(ORG, limit_steps=org).targets[0].key == plan(ORG).targets[0].key

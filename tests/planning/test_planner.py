"""Planning: what is shared, what a choice changes, and what it leaves alone."""

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
    """Where the content of digits is remembered."""
    folder = tmp_path_factory.mktemp("memo")
    locate("digits", DataPaths(), folder)
    return folder


@pytest.fixture
def plan(memo: Path) -> Plan:
    """Plan a case of digits under some choice."""

    def make(case: Case = ORG, profile: str = "smoke", **overrides: object) -> CasePlan:
        return Planner(load_profile(profile), DataPaths(), memo, BudgetOverrides(**overrides)).case(case)  # type: ignore[arg-type]

    return make


def keys(*recipes: Recipe) -> set[str]:
    return {recipe.key for recipe in in_order(*recipes)}


def test_org_is_trained_once_whatever_is_compared_with_it(plan: Plan, memo: Path) -> None:
    org = keys(*plan(ORG).predictions[0])
    for case in cases_of("digits", ("cd", "biggan"))[1:]:
        comparison = plan(case).comparison
        assert comparison is not None
        assert keys(*comparison.org) == org
    row = Planner(load_profile("smoke"), DataPaths(), memo).discriminator(DiscriminatorCase("digits", "cd"))
    assert keys(*row.on_real) == org
    assert {p.classifier.key for p in row.on_synthetic} == {p.classifier.key for p in row.on_real}


def test_synthetic_images_are_made_once_in_the_numbers_of_the_real_ones(plan: Plan) -> None:
    syn, mix = plan(SYN), plan(MIX)
    assert [images.key for images in syn.synthetic] == [images.key for images in mix.synthetic]
    assert syn.synthetic[0].counts == syn.real.counts
    assert mix.training_sets == (Mixture(parts=(mix.real, mix.synthetic[0])),)


def test_everything_a_result_is_read_from_is_a_target(plan: Plan) -> None:
    found = plan(MIX)
    read = {*found.synthetic, *found.classifiers, *found.fidelity, *(p for row in found.predictions for p in row)}
    assert {r.key for r in read} | {found.summary.key, found.comparison.key} <= {r.key for r in found.targets}


def test_more_seeds_add_classifiers_and_change_none(plan: Plan) -> None:
    few, many = plan(seeds=2), plan(seeds=5)
    assert [c.seed for c in many.classifiers] == [0, 1, 2, 3, 4]
    assert [c.key for c in few.classifiers] == [c.key for c in many.classifiers][:2]


def test_a_second_generator_adds_only_its_own_work(plan: Plan) -> None:
    first, both = (cases_of("digits", generators) for generators in (("biggan",), ("biggan", "cd")))
    there = keys(*(target for case in first for target in plan(case).targets))
    every = [recipe for case in both for recipe in in_order(*plan(case).targets)]
    added = {recipe.key: recipe for recipe in every if recipe.key not in there}
    steps = Counter(recipe.step for recipe in added.values())
    assert steps["diffusion-training"] == 1
    assert steps["classifier"] == 2 * len(plan(SYN).predictions[0])
    assert not any(step.startswith(("real", "gan")) for step in steps)
    for recipe in added.values():
        assert "diffusion-training" in {needed.step for needed in in_order(recipe)}, f"{recipe.label} is not cd's"


def test_generator_seeds_multiply_everything_but_org(plan: Plan) -> None:
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
@pytest.mark.parametrize("which", [ORG, SYN, MIX], ids=lambda case: case.id)
def test_a_cut_or_resized_run_shares_no_result_with_a_whole_one(
    plan: Plan, which: Case, overrides: dict[str, int]
) -> None:
    whole, other = plan(which), plan(which, **overrides)
    results = [{r.key for row in p.predictions for r in row} | {c.key for c in p.classifiers} for p in (whole, other)]
    assert not results[0] & results[1]
    assert not {i.key for i in whole.synthetic} & {i.key for i in other.synthetic}


def test_profiles_share_no_classifier(plan: Plan) -> None:
    smoke, cpu = (plan(ORG, profile=name) for name in ("smoke", "cpu"))
    assert not {c.key for c in smoke.classifiers} & {c.key for c in cpu.classifiers}


def varied(case: Case, variant: str) -> Case:
    return case.model_copy(update={"variant": variant})


def test_a_ratio_adds_so_many_synthetic_images_to_all_real_ones(plan: Plan) -> None:
    found, whole = plan(varied(MIX, "ratio-0.5")), plan(MIX)
    halves = tuple(round(count / 2) for count in whole.real.counts)
    assert found.synthetic[0].counts == halves
    assert found.training_sets[0].counts == tuple(map(sum, zip(whole.real.counts, halves, strict=True)))
    assert found.real.key == whole.real.key


def test_replacing_keeps_the_number_of_images(plan: Plan) -> None:
    found = plan(varied(MIX, "replace-0.25"))
    real, synthetic = found.training_sets[0].parts
    assert found.training_sets[0].counts == found.real.counts
    assert synthetic.counts == tuple(round(count / 4) for count in found.real.counts)
    assert real.images == found.real


def test_few_images_are_trained_on_with_more_seeds_where_the_profile_says_so(plan: Plan) -> None:
    def seeds(case: Case, **overrides: object) -> int:
        return len(plan(case, "cpu", **overrides).predictions[0])

    assert seeds(ORG) == seeds(MIX) == 3
    assert seeds(varied(ORG, "scarcity-10")) == seeds(varied(MIX, "scarcity-10")) == 10
    assert seeds(varied(MIX, "ratio-0.5")) == 3
    assert seeds(varied(MIX, "scarcity-10"), seeds=2) == 2


def test_scarcity_is_for_the_generator_too(plan: Plan) -> None:
    found = plan(varied(MIX, "scarcity-10"))
    assert found.real.counts == (10,) * 10
    behind = [r for r in in_order(*found.synthetic) if isinstance(r, RealSubset)]
    assert {r.key for r in behind} == {found.real.key}
    assert {r.key for r in found.comparison.org} != {r.key for r in plan(MIX).comparison.org}, "org is scarce too"


def test_the_budget_variant_takes_the_steps_of_org(plan: Plan) -> None:
    found, org, mix = plan(varied(MIX, "budget")), plan(ORG), plan(MIX)
    steps = {c.optimiser_steps for c in found.classifiers}
    assert steps == {c.optimiser_steps for c in org.classifiers}
    assert max(steps) < min(c.optimiser_steps for c in mix.classifiers)


def test_guidance_changes_the_sampling_and_not_the_training(plan: Plan) -> None:
    found, whole = plan(varied(SYN, "guidance-2")), plan(SYN)
    trained = [{r.key for r in in_order(*p.synthetic) if r.step == "diffusion-training"} for p in (found, whole)]
    assert trained[0] == trained[1] != set()
    assert found.synthetic[0].key != whole.synthetic[0].key


def test_without_augmentation_is_compared_with_org(plan: Plan) -> None:
    found = plan(varied(ORG, "augmentation"))
    assert {c.settings.augmentation for c in found.classifiers} == {()}
    assert {p.key for p in found.comparison.org} == {p.key for p in plan(ORG).predictions[0]}
    assert plan(ORG).comparison is None


@pytest.mark.parametrize(
    ("which", "words"),
    [
        (Case(dataset="nothing", mode=Mode.ORG), "unknown dataset 'nothing': choose from .*digits"),
        (Case(dataset="digits", generator="nothing", mode=Mode.SYN), "unknown generator 'nothing': choose from .*cd"),
        (varied(MIX, "depth-2"), "unknown variant 'depth-2'"),
        (varied(MIX, "filter-depth"), "unknown filter 'depth': choose from agreement, .*top-k"),
    ],
)
def test_what_does_not_exist_names_the_choices(plan: Plan, which: Case, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        plan(which)


def test_planning_imports_nothing_heavy(memo: Path) -> None:
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
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_cell_says_what_its_configured_generator_saw(plan: Plan) -> None:
    assert plan(ORG).trained_on is None
    assert plan(SYN).trained_on == "this train split"
    assert plan(SYN.model_copy(update={"generator": "sd"})).trained_on == "another domain", "typefaces, and not the web"


def test_a_cell_says_what_its_generator_is_and_was_given(plan: Plan) -> None:
    assert plan(ORG).generator_description is None
    about = plan(SYN, "cpu").generator_description
    assert about == (
        "class-conditional diffusion, trained from scratch at 8x8 pixels for 2,500 steps of 64 images,"
        " sampled with 20 steps of dpm-solver++"
    )
    assert plan(SYN, "cpu", image_size=16).generator_description == f"{about}; enlarged to 16x16"
    assert "for 7 steps of 64 images, sampled with 7 steps" in (
        plan(SYN, "cpu", limit_steps=7).generator_description or ""
    )
    biggan = plan(SYN.model_copy(update={"generator": "biggan"}), "cpu").generator_description
    assert biggan == "BigGAN, trained from scratch at 8x8 pixels for 1,300 steps of 32 images"
    sd = plan(SYN.model_copy(update={"generator": "sd"})).generator_description or ""
    assert sd.startswith("Stable Diffusion (tiny, trained from scratch on captioned typefaces), prompted with class")


@pytest.mark.parametrize("name", ["manifold", "no-copies"])
def test_a_filter_looks_at_the_features_that_the_metrics_count(plan: Plan, name: str) -> None:
    measured = {recipe.key for recipe in in_order(*plan(SYN, "paper").targets) if isinstance(recipe, FeatureStatistics)}
    filtered = in_order(*plan(SYN.model_copy(update={"variant": f"filter-{name}"}), "paper").synthetic)
    looked_at = [recipe for recipe in filtered if isinstance(recipe, FeatureStatistics)]
    assert looked_at
    assert {recipe.compute.precision for recipe in looked_at} == {"float32"}
    assert name != "no-copies" or {recipe.key for recipe in looked_at} <= measured


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

    whole = plan(varied(SYN, f"filter-{name}"))
    monkeypatch.setattr(planner, "subsets", uncounted)
    found = plan(varied(SYN, f"filter-{name}"))
    assert found.training_sets[0].counts is found.evaluation.counts is None
    assert {classifier.classes for classifier in (*whole.classifiers, *found.classifiers)} == {10}
    assert [c.key for c in found.classifiers] == [c.key for c in whole.classifiers]


def test_the_discriminator_has_the_classes_of_the_dataset(memo: Path) -> None:
    found = Planner(load_profile("smoke"), DataPaths(), memo).discriminator("digits", "cd")
    assert {row.classifier.classes for row in (*found.on_real, *found.on_synthetic)} == {10}


def test_a_limit_cuts_what_is_longer_and_lengthens_nothing(plan: Plan) -> None:
    def steps(limit: int | None) -> list[int | None]:
        found = (plan(case, limit_steps=limit).predictions[0][0].classifier for case in (ORG, MIX))
        return [classifier.optimiser_steps for classifier in found]

    org, mix = steps(None)
    assert org is not None
    assert mix is not None
    assert org < mix
    assert steps(org + 1) == [org, org + 1]
    assert steps(mix + 1) == [org, mix]
    assert steps(5) == [5, 5]
    assert plan(ORG, limit_steps=org).targets[0].key == plan(ORG).targets[0].key

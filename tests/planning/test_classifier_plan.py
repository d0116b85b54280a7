"""Planning with a chosen classifier: its settings, image sizes, seeds and verdict."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from suite.artifacts import DataPaths, Store
from suite.classifiers.linear_probe import LinearProbe, LinearProbeSettings
from suite.classifiers.network import TrainedNetwork
from suite.datasets.locate import locate
from suite.errors import BadData, UsageError
from suite.images import Mixture
from suite.metrics.recipes import Features
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import Case, Mode
from suite.planning.classifier_plan import configure_classifier, find_classifier, other_classifiers
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile
from suite.planning.training_time import training_seconds
from suite.statistics.probe_recipes import ProbeVerdict
from suite.statistics.recipes import CellVerdict

ORG = Case(dataset="digits", mode=Mode.ORG)
MIX = Case(dataset="digits", generator="cd", mode=Mode.MIX)
SMOKE = load_profile("smoke").budget("digits")


@pytest.fixture(scope="module")
def memo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("memo")
    locate("digits", DataPaths(), folder)
    return folder


@pytest.fixture
def planner(memo: Path) -> Callable[..., Planner]:
    def make(**overrides: object) -> Planner:
        return Planner(load_profile("smoke"), DataPaths(), memo, BudgetOverrides(**overrides))  # type: ignore[arg-type]

    return make


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Images of 40 pixels in two classes; two of the four test images of class b are training images too."""
    rng = np.random.default_rng(0)
    root = tmp_path / "photos"
    for split, count in (("train", 12), ("test", 4)):
        for label in "ab":
            folder = root / split / label
            folder.mkdir(parents=True)
            for index in range(count):
                Image.fromarray(rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(folder / f"{index}.png")
    for index in range(2):
        (root / "test" / "b" / f"{index}.png").write_bytes((root / "train" / "b" / f"{index}.png").read_bytes())
    return root


def real_planner(photos: Path, tmp_path: Path, **overrides: object) -> Planner:
    data_paths = DataPaths(alone=photos)
    fields = {"classifier": "linear-probe", "all_images": True, **overrides}
    return Planner(load_profile("smoke"), data_paths, tmp_path / "memo", BudgetOverrides(**fields))  # type: ignore[arg-type]


def test_a_network_follows_a_colon() -> None:
    plugin, network = find_classifier("linear-probe:dinov2")
    assert (plugin.name, network) == ("linear-probe", "dinov2")
    with pytest.raises(UsageError, match="classifier 'resnet18:x': resnet18 has one network: leave out ':x'"):
        find_classifier("resnet18:x")
    with pytest.raises(UsageError, match="unknown classifier 'vgg': choose from"):
        find_classifier("vgg")


def test_input_sizes_of_the_probe_are_those_of_the_metrics_unless_the_profile_sets_one() -> None:
    sides = {}
    for name in ("linear-probe", "linear-probe:efficientnet-lite1"):
        _, settings = configure_classifier(name, SMOKE, DataPaths())
        assert isinstance(settings, LinearProbeSettings)
        sides[settings.network] = settings.side
    assert sides == {"efficientnet-lite0": SMOKE.metrics.sides["efficientnet-lite0"], "efficientnet-lite1": None}
    paper = load_profile("paper").budget("cifar10")
    assert configure_classifier("linear-probe", paper, DataPaths())[1].model_dump()["side"] == 224


def test_the_probe_has_one_fit_and_a_verdict_from_resamples(planner: Callable[..., Planner]) -> None:
    probe = planner(classifier="linear-probe")
    plan = probe.case(MIX)
    assert probe.most_seeds(MIX) == plan.seeds == len(plan.predictions) == 1
    assert isinstance(plan.verdict, ProbeVerdict)
    comparison = plan.verdict.comparisons[0]
    assert comparison.case_resampled.classifier == plan.classifiers[0]
    assert comparison.org_resampled.classifier == plan.org[0].classifier
    assert isinstance(planner().case(MIX).verdict, CellVerdict)


def test_features_of_the_real_images_are_those_of_the_metrics(planner: Callable[..., Planner]) -> None:
    plan = planner(classifier="linear-probe").case(MIX)
    org = plan.org[0].classifier
    assert isinstance(org, LinearProbe)
    references = {recipe.reference.features.key for recipe in plan.fidelity}
    assert {features.key for features in org.features} <= references
    assert all(isinstance(features, Features) for features in org.features)


def test_the_generator_is_trained_on_the_images_of_the_profile(planner: Callable[..., Planner]) -> None:
    assert planner().case(MIX).synthetic == planner(classifier="linear-probe").case(MIX).synthetic


def test_variants_have_an_org_of_the_same_classifier(planner: Callable[..., Planner]) -> None:
    variant = MIX.model_copy(update={"variant": "classifier-linear-probe"})
    plan, main = planner().case(variant), planner().case(MIX)
    assert isinstance(plan.org[0].classifier, LinearProbe)
    assert isinstance(main.org[0].classifier, TrainedNetwork)
    assert plan.synthetic == main.synthetic
    assert (plan.fidelity, plan.pictures) == ((), ())
    assert plan.org == planner(classifier="linear-probe").case(ORG).org


def test_the_sweep_has_all_other_classifiers_with_the_networks_that_are_here() -> None:
    others = other_classifiers("resnet18", SMOKE, DataPaths())
    assert "resnet18" not in others
    assert {"linear-probe", "fine-tune"} <= set(others)
    assert "linear-probe:pixels" not in others
    assert "linear-probe:efficientnet-lite0" not in others, "it is the linear probe without a name"
    assert "resnet18" in other_classifiers("linear-probe", SMOKE, DataPaths())


def test_fine_tuning_has_two_seeds_and_few_steps_in_smoke(planner: Callable[..., Planner]) -> None:
    tuned = planner(classifier="fine-tune")
    assert tuned.most_seeds(MIX) == 2
    assert (tuned.case(MIX).classifiers[0].optimiser_steps or 99) <= 60


def test_own_images_are_read_at_the_size_of_the_network_but_not_enlarged(photos: Path, tmp_path: Path) -> None:
    org = Case(dataset="photos", mode=Mode.ORG)
    assert real_planner(photos, tmp_path).case(org).real.images.size == 40
    assert real_planner(photos, tmp_path, image_size=16).case(org).real.images.size == 16
    assert real_planner(photos, tmp_path, classifier="resnet18").case(org).real.images.size == 32


def test_all_own_images_are_used_unless_a_number_is_given(photos: Path, tmp_path: Path) -> None:
    org = Case(dataset="photos", mode=Mode.ORG)
    assert real_planner(photos, tmp_path).case(org).real.per_class == (12, 12)
    validation = real_planner(photos, tmp_path, evaluate="validation").case(org)
    assert (validation.real.per_class, validation.evaluation.per_class) == ((11, 11), (1, 1))
    assert real_planner(photos, tmp_path, per_class=5).case(org).real.per_class == (5, 5)


def test_test_images_of_the_train_split_are_left_out_with_both_accuracies(photos: Path, tmp_path: Path) -> None:
    org = Case(dataset="photos", mode=Mode.ORG)
    plan = real_planner(photos, tmp_path).case(org)
    assert plan.evaluation.per_class == (4, 2)
    assert len(plan.evaluation.left_out) == 2
    assert [predictions.images.counts for predictions in plan.with_duplicates] == [(4, 4)]
    kept = real_planner(photos, tmp_path, keep_duplicates=True).case(org)
    assert (kept.evaluation.per_class, kept.with_duplicates) == ((4, 4), ())
    published = real_planner(photos, tmp_path, all_images=False).case(org)
    assert (published.evaluation.per_class, published.with_duplicates) == ((4, 4), ()), "it keeps its split"


def test_a_test_set_of_training_images_is_refused(photos: Path, tmp_path: Path) -> None:
    for label in "ab":
        for index in range(4):
            source = photos / "train" / label / f"{index}.png"
            (photos / "test" / label / f"{index}.png").write_bytes(source.read_bytes())
    with pytest.raises(BadData, match="every test image is in the train split too, pixel for pixel"):
        real_planner(photos, tmp_path).case(Case(dataset="photos", mode=Mode.ORG))


def test_a_mixture_of_the_probe_has_features_of_each_part(planner: Callable[..., Planner]) -> None:
    plan = planner(classifier="linear-probe").case(MIX)
    trained = plan.classifiers[0]
    assert isinstance(trained, LinearProbe)
    assert isinstance(trained.training_set, Mixture)
    assert [features.images for features in trained.features] == list(trained.training_set.parts)


def test_features_that_classifier_and_metrics_share_are_noted(planner: Callable[..., Planner]) -> None:
    note = "classifier and metrics use efficientnet-lite0: their results are not independent of each other"
    assert note in planner(classifier="linear-probe").case(MIX).notes
    assert note not in planner().case(MIX).notes
    assert note not in planner(classifier="linear-probe:efficientnet-lite1").case(MIX).notes


def test_time_of_networks_is_estimated_for_the_cells_of_the_run(
    planner: Callable[..., Planner], tmp_path: Path
) -> None:
    store = Store(tmp_path / "store")
    store.prepare()
    one, two = (
        training_seconds(planner(classifier="linear-probe"), cases, store, "cpu", 1) for cases in ([ORG], [ORG, MIX])
    )
    assert set(one) == {"resnet18", "fine-tune"}
    assert all(0 < one[name] < two[name] for name in one)
    half = training_seconds(planner(classifier="linear-probe"), [ORG], store, "cpu", 2)
    assert half["resnet18"] == pytest.approx(one["resnet18"] / 2)

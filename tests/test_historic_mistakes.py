"""The mistakes that benchmarks of synthetic data have published, each with a test that would catch it here.

Metrics of the wrong folder and metrics without a seed are tested beside the metrics.
"""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from PIL import Image
from simple_recipes import Painted
from torch import nn

from suite.artifacts import DataPaths, Recipe, Store
from suite.classifiers.network import Network, networks
from suite.classifiers.recipes import Classifier
from suite.classifiers.settings import HISTORY, WEIGHTS, ClassifierSettings
from suite.classifiers.training import learning_rate
from suite.compute import Compute
from suite.datasets.imagenette import CLASSES
from suite.datasets.real import RealImages, RealSubset
from suite.engines.build import build, build_all, in_order
from suite.generators.sd.recipes import SampleTextToImage
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import Case, Mode
from suite.planning.case_plan import CasePlan
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile
from suite.randomness import initialising, torch_generator

LABELS = ("cat", "dog")


class Line(Network):
    """One linear layer on the mean colour: a network whose training can be followed by hand."""

    name = "line"

    def make(self, classes: int, settings: ClassifierSettings) -> nn.Module:  # noqa: ARG002
        return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, classes))


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Classifier]:
    """Make the recipe of a linear classifier, trained without augmentation."""
    assert "resnet18" in networks
    monkeypatch.setitem(networks._plugins, "line", Line())

    def make(**settings: object) -> Classifier:
        fixed = {"network": "line", "augmentation": (), "batch_size": 8, "epochs": 2, "learning_rate": 0.5}
        return Classifier(
            training_set=Painted(per_class=(9, 9)),
            classes=2,
            settings=ClassifierSettings.model_validate({**fixed, **settings}),
            seed=3,
            compute=Compute(),
        )

    return make


def by_hand(recipe: Classifier, store: Store, *, forget_to_clear: bool = False) -> dict[str, np.ndarray]:
    """Train the linear classifier in plain numpy: softmax, cross entropy, Nesterov SGD with weight decay."""
    data, settings = recipe.training_set.open(store), recipe.settings
    pixels = data.images.astype(np.float64)
    pixels = (pixels - pixels.mean((0, 1, 2))) / pixels.std((0, 1, 2))
    features = pixels.mean((1, 2))
    with initialising(recipe.seed, "initial weights"):
        layer = nn.Linear(3, recipe.classes)
    weights = {"weight": layer.weight.detach().double().numpy(), "bias": layer.bias.detach().double().numpy()}
    velocity: dict[str, np.ndarray] = {}
    gradients = {name: np.zeros_like(value) for name, value in weights.items()}
    per_epoch = -(-len(data) // settings.batch_size)
    steps = settings.epochs * per_epoch
    for step in range(steps):
        epoch, number = divmod(step, per_epoch)
        order = torch.randperm(len(data), generator=torch_generator(recipe.seed, "order", epoch))
        batch = order.tensor_split(per_epoch)[number].numpy()
        logits = features[batch] @ weights["weight"].T + weights["bias"]
        probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        errors = (probabilities - np.eye(recipe.classes)[data.labels[batch]]) / len(batch)
        if not forget_to_clear:
            gradients = {name: np.zeros_like(value) for name, value in weights.items()}
        gradients["weight"] = gradients["weight"] + errors.T @ features[batch]
        gradients["bias"] = gradients["bias"] + errors.sum(0)
        for name in weights:
            decayed = gradients[name] + settings.weight_decay * weights[name]
            velocity[name] = settings.momentum * velocity[name] + decayed if name in velocity else decayed
            change = decayed + settings.momentum * velocity[name] if settings.momentum else decayed
            weights[name] = weights[name] - learning_rate(step, steps, settings) * change
    return weights


def trained(recipe: Classifier, store: Store) -> dict[str, np.ndarray]:
    tensors = build_all(store, [recipe])[0].tensors(WEIGHTS)
    return {name.rpartition(".")[2]: value for name, value in tensors.items() if name.startswith("network.")}


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("epochs", [1, 2])
def test_gradients_are_cleared_at_every_step(
    store: Store, line: Callable[..., Classifier], epochs: int, momentum: float
) -> None:
    recipe = line(epochs=epochs, momentum=momentum)
    found = trained(recipe, store)
    right, wrong = (by_hand(recipe, store, forget_to_clear=forget) for forget in (False, True))
    for name, value in found.items():
        assert value == pytest.approx(right[name], abs=1e-5)
    assert np.abs(right["weight"] - wrong["weight"]).max() > 1e-3, "the reference could not tell the mistake"


def test_the_last_epoch_counts_and_not_the_best(store: Store, line: Callable[..., Classifier]) -> None:
    """With a rate this high the last epoch is worse than the first, and is what is kept all the same."""
    hard = {"training_set": Painted(per_class=(9, 9), size=1), "seed": 1}
    recipe = line(epochs=5, learning_rate=20.0, momentum=0.0).model_copy(update=hard)
    found = trained(recipe, store)
    losses = store.get(recipe).json(HISTORY)["loss_per_epoch"]
    assert min(losses) < losses[-1] - 0.1
    assert found["weight"] == pytest.approx(by_hand(recipe, store)["weight"], rel=1e-4)


# What a plan may look at.


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A data root with a small dataset of two classes."""
    random = np.random.default_rng(0)
    for split, count in (("train", 20), ("test", 6)):
        for label in LABELS:
            folder = tmp_path / "root" / "photos" / split / label
            folder.mkdir(parents=True)
            for number in range(count):
                Image.fromarray(random.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(folder / f"{number}.png")
    return tmp_path / "root"


def planner(root: Path, memo: Path, **choice: object) -> Planner:
    return Planner(load_profile("smoke"), DataPaths(data_roots=(root,)), memo, BudgetOverrides(**choice))  # type: ignore[arg-type]


def planned(root: Path, memo: Path, mode: Mode = Mode.ORG, **choice: object) -> CasePlan:
    generator = None if mode is Mode.ORG else "cd"
    return planner(root, memo, **choice).case(Case(dataset="photos", generator=generator, mode=mode))


def pixels(store: Store, recipe: RealSubset) -> set[bytes]:
    build_all(store, [recipe])
    return {image.tobytes() for image in recipe.open(store).images}


@pytest.mark.parametrize("evaluate", ["test", "validation"])
def test_nothing_is_tested_on_what_it_was_trained_on(photos: Path, tmp_path: Path, store: Store, evaluate: str) -> None:
    plan = planned(photos, tmp_path / "memo", evaluate=evaluate)
    data_paths = DataPaths(data_roots=(photos,))
    for recipe in in_order(plan.real, plan.evaluation):
        build(store, recipe, data_paths=data_paths)
    fit, tested = pixels(store, plan.real), pixels(store, plan.evaluation)
    assert len(fit) == 36
    assert len(tested) == (12 if evaluate == "test" else 4)
    assert not fit & tested


@pytest.mark.parametrize("mode", list(Mode))
def test_no_training_ever_sees_a_test_image(photos: Path, tmp_path: Path, mode: Mode) -> None:
    plan = planned(photos, tmp_path / "memo", mode)
    makers = (*plan.classifiers, *plan.synthetic, *plan.training_sets, *plan.fidelity)
    behind = list(in_order(*makers))
    splits = {recipe.split for recipe in behind if isinstance(recipe, RealImages)}
    parts = {recipe.part for recipe in behind if isinstance(recipe, RealSubset)}
    assert splits == {"train"}
    assert parts == {"fit"}
    assert plan.evaluation.images.split == "test"


def test_tuning_reads_no_test_image_at_all(photos: Path, tmp_path: Path) -> None:
    plan = planned(photos, tmp_path / "memo", Mode.MIX, evaluate="validation")
    assert {r.split for r in in_order(*plan.targets) if isinstance(r, RealImages)} == {"train"}


def test_the_validation_split_does_not_depend_on_what_is_evaluated(photos: Path, tmp_path: Path) -> None:
    one, other = (planned(photos, tmp_path / "memo", evaluate=split) for split in ("test", "validation"))
    assert one.real.key == other.real.key
    assert [c.key for c in one.classifiers] == [c.key for c in other.classifiers]


def test_two_datasets_of_one_name_have_two_keys(photos: Path, tmp_path: Path) -> None:
    """A cache that goes by names would show the numbers of the old images for the new ones."""
    before = planned(photos, tmp_path / "memo")
    image = photos / "photos" / "train" / "cat" / "3.png"
    changed = np.asarray(Image.open(image)).copy()
    changed[0, 0, 0] ^= 1
    Image.fromarray(changed).save(image)
    after = planned(photos, tmp_path / "memo")
    assert before.located.card.name == after.located.card.name
    assert before.real.key != after.real.key
    assert not {r.key for r in before.classifiers} & {r.key for r in after.classifiers}


def test_the_same_images_in_another_place_have_the_same_key(photos: Path, tmp_path: Path) -> None:
    before = planned(photos, tmp_path / "memo")
    photos.rename(tmp_path / "moved")
    names = sorted((tmp_path / "moved" / "photos" / "train" / "dog").iterdir())
    for number, path in enumerate(reversed(names)):
        path.rename(path.with_name(f"renamed-{number}.png"))
    after = planned(tmp_path / "moved", tmp_path / "memo")
    assert [r.key for r in before.targets] == [r.key for r in after.targets]


def test_real_and_synthetic_images_of_a_class_have_one_label(tmp_path: Path, store: Store) -> None:
    """Where folders are numbered by each side's own order, MIX trains on noise: the paper's has 12.1 % of ten classes.

    Here the real folders are called by WordNet ids and the synthetic ones by names, in another order than the labels.
    """
    names = list(CLASSES.values())
    for label, (number, name) in enumerate(CLASSES.items()):
        for folder, count in ((f"root/imagenette/train/{number}", 3), (f"root/imagenette/val/{number}", 1), (name, 2)):
            place = tmp_path / folder if "/" in folder else tmp_path / "made" / folder
            place.mkdir(parents=True)
            for image in range(count):
                Image.new("RGB", (8, 8), (20 * label, 10 * image, len(folder))).save(place / f"{image}.png")
    assert sorted(names) != names
    data_paths = DataPaths(
        data_roots=(tmp_path / "root",), cache=tmp_path / "cache", folders={"folder": tmp_path / "made"}
    )
    planned = Planner(load_profile("smoke"), data_paths, tmp_path / "memo", BudgetOverrides(seeds=1))
    mix = planned.case(Case(dataset="imagenette", generator="folder", mode=Mode.MIX))
    (training_set,) = mix.training_sets
    build_all(store, [training_set], data_paths=data_paths)
    images = training_set.open(store)
    assert len(images) == 10 * (2 + 2)
    assert (images.images[:, 0, 0, 0] == 20 * images.labels).all()
    assert mix.located.content.classes == tuple(names)
    prompted = planned.case(Case(dataset="imagenette", generator="sd", mode=Mode.SYN)).synthetic[0]
    assert isinstance(prompted, SampleTextToImage)
    assert [prompts[0] for prompts in prompted.prompts] == [f"a photo of a {name}" for name in names]


class Versioned(Classifier):
    """The classifier of a next version of the code."""

    version: ClassVar[int] = Classifier.version + 1


@pytest.mark.parametrize("change", ["setting", "seed", "version", "data", "compute"])
def test_no_stale_hit(store: Store, line: Callable[..., Classifier], change: str) -> None:
    recipe = line()
    build_all(store, [recipe])
    fields = {name: getattr(recipe, name) for name in Classifier.model_fields}
    other: Recipe = {
        "setting": line(weight_decay=0.0),
        "seed": recipe.model_copy(update={"seed": 4}),
        "version": Versioned.model_validate(fields),
        "data": recipe.model_copy(update={"training_set": Painted(per_class=(9, 9), seed=1)}),
        "compute": recipe.model_copy(update={"compute": Compute(threads=2)}),
    }[change]
    assert store.find(recipe) is not None
    assert store.find(other) is None

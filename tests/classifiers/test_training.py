"""The training loop: reproducible, resumable and correct."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from simple_classifiers import resnet18
from simple_recipes import Painted

from suite.artifacts import Artifact, DataPaths, Recipe, Store
from suite.classifiers.classifier import HISTORY
from suite.classifiers.network import NetworkPredictions, TrainedNetwork
from suite.classifiers.plugins.resnet18 import ResNet18Settings
from suite.classifiers.settings import WEIGHTS
from suite.classifiers.training import LossRecord, NormalisedNetwork, learning_rate, make_network
from suite.compute import Compute
from suite.datasets.locate import locate
from suite.datasets.real import RealImages, RealSubset
from suite.engines.build import build_all
from suite.errors import Diverged
from suite.images import Mixture

Make = Callable[..., TrainedNetwork]


def build(store: Store, recipe: Recipe) -> Artifact:
    return build_all(store, [recipe])[0]


def weights(store: Store, recipe: Recipe) -> bytes:
    return build(store, recipe).file(WEIGHTS).read_bytes()


def untrained(recipe: TrainedNetwork) -> NormalisedNetwork:
    return make_network(recipe.make, recipe.seed)


@given(
    steps=st.integers(1, 2000),
    warmup=st.floats(0, 0.99),
    peak=st.floats(1e-6, 10),
    data=st.data(),
)
def test_the_learning_rate_stays_between_zero_and_its_peak(
    steps: int, warmup: float, peak: float, data: st.DataObject
) -> None:
    settings = ResNet18Settings(warmup=warmup, learning_rate=peak)
    step = data.draw(st.integers(0, steps - 1))
    assert 0 < learning_rate(step, steps, settings) <= peak * (1 + 1e-15)  # rounding error at the peak


def test_the_learning_rate_rises_to_its_peak_and_falls_to_nearly_zero() -> None:
    settings = ResNet18Settings(warmup=0.25, learning_rate=0.1)
    rates = [learning_rate(step, 400, settings) for step in range(400)]
    assert max(rates) == rates[100] == 0.1
    assert rates[:101] == sorted(rates[:101])
    assert rates[100:] == sorted(rates[100:], reverse=True)
    assert rates[-1] == pytest.approx(0.1 / 300)


def test_two_builds_give_identical_bytes(tmp_path_factory: pytest.TempPathFactory, classifier: Make) -> None:
    payloads = []
    for _ in range(2):
        store = Store(tmp_path_factory.mktemp("store"))
        store.prepare()
        artifact = build(store, classifier())
        payloads.append((artifact.file(WEIGHTS).read_bytes(), artifact.file(HISTORY).read_bytes()))
        torch.rand(3)  # changes the state of the global generator
    assert payloads[0] == payloads[1]


@pytest.mark.parametrize("step", [1, 2, 3, 5])
def test_an_interrupted_training_gives_identical_bytes(
    tmp_path_factory: pytest.TempPathFactory,
    store: Store,
    classifier: Make,
    interrupt: Callable[[Store, TrainedNetwork, int], None],
    step: int,
) -> None:
    recipe = classifier()  # three steps per epoch, six in total
    uninterrupted = Store(tmp_path_factory.mktemp("uninterrupted"))
    uninterrupted.prepare()
    build_all(store, [recipe.training_set])
    interrupt(store, recipe, step)
    assert (store.root / "tmp" / recipe.key / "scratch" / "checkpoint.safetensors").is_file()
    assert weights(store, recipe) == weights(uninterrupted, recipe)
    assert build(store, recipe).json(HISTORY) == build(uninterrupted, recipe).json(HISTORY)


def test_a_resumed_training_continues_after_the_checkpoint(
    store: Store, classifier: Make, interrupt: Callable[[Store, TrainedNetwork, int], None]
) -> None:
    from suite.artifacts import BuildContext

    recipe = classifier()
    build_all(store, [recipe.training_set])
    interrupt(store, recipe, 4)
    steps: list[int] = []
    recipe.build(
        BuildContext(store, recipe, device="cpu", data_paths=DataPaths(), progress=lambda done, _: steps.append(done))
    )
    assert steps == [5, 6]


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"augmentation": ()},
        {"crop_padding": 2},
        {"learning_rate": 0.05},
        {"weight_decay": 0.0},
        {"momentum": 0.0},
        {"label_smoothing": 0.1},
        {"epochs": 3},
        {"batch_size": 5},
        {"warmup": 0.5},
        {"stem": "imagenet"},
        {"width": 9},
    ],
    ids=str,
)
def test_every_setting_changes_the_weights(store: Store, classifier: Make, change: dict[str, object]) -> None:
    assert weights(store, classifier()) != weights(store, classifier(**change))


def test_a_seed_changes_the_initial_weights_and_not_the_data(classifier: Make) -> None:
    recipes = classifier(seed=0), classifier(seed=1)
    assert recipes[0].training_set.key == recipes[1].training_set.key
    first, second = (untrained(recipe).state_dict() for recipe in recipes)
    assert not torch.equal(first["network.0.weight"], second["network.0.weight"])


def test_the_global_random_generator_is_not_changed(classifier: Make) -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    untrained(classifier())
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("settings", "steps", "images_seen", "epochs"),
    [
        ({"epochs": 2, "batch_size": 10}, 6, 50, 2),  # 25 images: batches of 9, 8 and 8
        ({"epochs": 3, "batch_size": 25}, 3, 75, 3),
        ({"epochs": 9, "batch_size": 10, "steps": 4}, 4, 34, 2),
    ],
)
def test_steps_and_images_are_counted(
    store: Store, classifier: Make, settings: dict[str, object], steps: int, images_seen: int, epochs: int
) -> None:
    history = build(store, classifier(**settings)).json(HISTORY)
    assert history["steps"] == steps
    assert history["images_seen"] == images_seen
    assert len(history["loss_per_epoch"]) == epochs
    assert history["parameters"] == sum(p.numel() for p in untrained(classifier(**settings)).parameters())


def test_mix_training_sees_twice_the_images_of_org(store: Store, classifier: Make) -> None:
    org = classifier()
    mix = org.model_copy(
        update={"training_set": Mixture(parts=(org.training_set, Painted(per_class=(9, 8, 8), seed=1)))}
    )
    org_history, mix_history = (build(store, recipe).json(HISTORY) for recipe in (org, mix))
    assert mix_history["images_seen"] == 2 * org_history["images_seen"]


def test_a_far_too_large_learning_rate_raises_diverged(store: Store, classifier: Make) -> None:
    with pytest.raises(Diverged, match=r"resnet18, seed 0: the loss is \w+ after \d+ steps: lower learning_rate"):
        build(store, classifier(learning_rate=1e30))


def test_images_are_normalised_by_their_mean_and_standard_deviation() -> None:
    images = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (50, 4, 4, 3), dtype=np.uint8))
    model = NormalisedNetwork(torch.nn.Identity(), images)
    values = model(images.permute(0, 3, 1, 2)).transpose(0, 1).flatten(1)
    assert values.mean(1).tolist() == pytest.approx([0, 0, 0], abs=1e-5)
    assert values.std(1, correction=0).tolist() == pytest.approx([1, 1, 1], abs=1e-5)


def test_images_of_a_single_grey_level_are_normalised_to_zero() -> None:
    model = NormalisedNetwork(torch.nn.Identity(), torch.full((2, 4, 4, 3), 9, dtype=torch.uint8))
    assert torch.equal(model(torch.full((1, 3, 4, 4), 9, dtype=torch.uint8)), torch.zeros(1, 3, 4, 4))


def test_the_loss_of_an_epoch_is_the_mean_over_images_not_over_batches() -> None:
    record = LossRecord()
    record.add(torch.tensor(1.0), 30)
    record.add(torch.tensor(4.0), 10)
    record.close_epoch()
    record.add(torch.tensor(2.0), 10)
    record.close_epoch()
    assert record.epochs.tolist() == [1.75, 2.0]
    assert record.images_seen == 50


@pytest.mark.filterwarnings("ignore:.*meta parameter")
def test_losses_of_a_checkpoint_are_moved_to_the_training_device() -> None:
    """``meta`` stands for a GPU; a checkpoint is read into main memory."""
    saved = LossRecord()
    saved.add(torch.tensor(1.0), 30)
    saved.close_epoch()
    record = LossRecord().to("meta")
    record.load_state_dict(saved.state_dict())
    record.add(torch.tensor(4.0, device="meta"), 10)
    record.close_epoch()
    assert record.epochs.device.type == "meta"
    assert record.epochs.shape == (2,)


def test_a_classifier_learns_digits(store: Store, tmp_path_factory: pytest.TempPathFactory) -> None:
    content = locate("digits", DataPaths(), tmp_path_factory.mktemp("memo")).content
    split = RealImages(dataset="digits", content=content.id, split="train", size=8, per_class=content.train)
    fit, held_out = (
        RealSubset(
            images=split,
            part=part,
            validation=(10,) * 10,
            per_class=(10,) * 10 if part != "fit" else (40,) * 10,
            seed=0,
        )
        for part in ("fit", "validation")
    )
    trained = resnet18(
        training_set=fit,
        classes=10,
        settings=ResNet18Settings(width=8, epochs=6, batch_size=50, augmentation=("crop",), crop_padding=1),
        seed=0,
        compute=Compute(),
    )
    summary = build(store, NetworkPredictions(classifier=trained, images=held_out, compute=Compute())).json(
        "summary.json"
    )
    assert summary["n"] == 100
    assert summary["accuracy"] > 60

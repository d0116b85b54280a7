from collections.abc import Callable

import pytest
import torch

from suite.artifacts import Store
from suite.artifacts.files import read_tensors, write_tensors
from suite.engines.build import build_all
from suite.errors import Diverged
from suite.generators.biggan.network import GanGenerator
from suite.generators.biggan.recipes import SampleGan, TrainGan
from suite.generators.biggan.sampling import _noise
from suite.generators.biggan.settings import SUMMARY, WEIGHTS, GanSampling, GanTraining
from suite.generators.generator import Request
from suite.randomness import torch_generator


@pytest.fixture
def recipe(request_for: Callable[..., Request]) -> SampleGan:
    asked = request_for(1, 1)
    settings = GanTraining(bottom=2, channels=4, noise=3, embedding=4, batch_size=4, steps=2)
    trained = TrainGan(real=asked.real, classes=2, settings=settings, seed=0, compute=asked.compute)
    return SampleGan(trained=trained, size=8, per_class=(3, 2), settings=GanSampling(), seed=0, compute=asked.compute)


def test_noise_is_normal_and_truncated_only_if_asked() -> None:
    free = _noise(4000, None, torch.Generator().manual_seed(0))
    cut = _noise(4000, 0.5, torch.Generator().manual_seed(0))
    assert free.std() == pytest.approx(1.0, abs=0.05)
    assert free.abs().max() > 3
    assert cut.abs().max() <= 0.5
    assert cut.std() == pytest.approx(0.28, abs=0.02)


def test_samples_use_the_statistics_of_the_training(store: Store, recipe: SampleGan) -> None:
    """In evaluation mode: with the batch's own statistics an image would depend on its neighbours."""
    build_all(store, [recipe])
    network = GanGenerator(recipe.trained.settings, 2, 8)
    network.load_state_dict(
        {name: torch.from_numpy(value) for name, value in store.get(recipe.trained).tensors(WEIGHTS).items()}
    )
    noise = torch.randn(1, network.noise, generator=torch_generator(0, "image of class 1", 1))
    with torch.no_grad():
        image = network.eval()(noise, torch.tensor([1]))
    levels = (image[0].permute(1, 2, 0) + 1) * 127.5
    assert (torch.from_numpy(recipe.open(store).images[4]).float() - levels).abs().max() <= 0.51


def test_weights_that_are_not_finite_make_no_images(store: Store, recipe: SampleGan) -> None:
    trained = build_all(store, [recipe.trained])[0]
    spoilt = {name: value * float("nan") for name, value in trained.tensors(WEIGHTS).items() if value.ndim}
    kept = {name: value for name, value in read_tensors(trained.file(WEIGHTS)).items() if not value.ndim}
    store.set_aside(trained.key)
    store.workspace(trained.key)
    write_tensors(store.payload(trained.key) / WEIGHTS, spoilt | kept)
    store.publish(recipe.trained, {})
    with pytest.raises(Diverged, match="not finite"):
        build_all(store, [recipe])


def test_images_of_another_size_are_resized(store: Store, recipe: SampleGan) -> None:
    """As for a dataset of 11 pixels: real images go up to 16, samples of 16 come back to 11."""
    settings = recipe.trained.settings.model_copy(update={"size": 11})
    odd = recipe.model_copy(update={"trained": recipe.trained.model_copy(update={"settings": settings}), "size": 11})
    build_all(store, [odd])
    assert odd.open(store).images.shape == (5, 11, 11, 3)
    assert len(store.get(odd.trained).tensors(WEIGHTS)["blocks.2.conv1.bias"]) == 4


def test_truncation_makes_images_more_alike(store: Store, recipe: SampleGan) -> None:
    many = recipe.model_copy(update={"per_class": (40, 1)})
    narrow = many.model_copy(update={"settings": GanSampling(truncation=0.1)})
    _, artifact = build_all(store, [many, narrow])
    wide_spread, narrow_spread = (made.open(store).images[:40].std(axis=0).mean() for made in (many, narrow))
    assert narrow_spread < 0.5 * wide_spread
    assert artifact.json(SUMMARY)["truncation"] == 0.1

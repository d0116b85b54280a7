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
    request = request_for(1, 1)
    settings = GanTraining(bottom=2, channels=4, noise=3, embedding=4, batch_size=4, steps=2)
    trained = TrainGan(real=request.real, classes=2, settings=settings, seed=0, compute=request.compute)
    return SampleGan(trained=trained, size=8, per_class=(3, 2), settings=GanSampling(), seed=0, compute=request.compute)


def test_noise_is_normal_and_truncated_only_with_a_truncation() -> None:
    normal = _noise(4000, None, torch.Generator().manual_seed(0))
    truncated = _noise(4000, 0.5, torch.Generator().manual_seed(0))
    assert normal.std() == pytest.approx(1.0, abs=0.05)
    assert normal.abs().max() > 3
    assert truncated.abs().max() <= 0.5
    assert truncated.std() == pytest.approx(0.28, abs=0.02)


def test_samples_use_the_batch_norm_statistics_of_the_training(store: Store, recipe: SampleGan) -> None:
    """The network is in evaluation mode: with batch statistics an image would depend on the rest of its batch."""
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


def test_sampling_with_nan_weights_is_an_error(store: Store, recipe: SampleGan) -> None:
    trained = build_all(store, [recipe.trained])[0]
    not_finite = {name: value * float("nan") for name, value in trained.tensors(WEIGHTS).items() if value.ndim}
    integers = {name: value for name, value in read_tensors(trained.file(WEIGHTS)).items() if not value.ndim}
    store.set_aside(trained.key)
    store.workspace(trained.key)
    write_tensors(store.payload(trained.key) / WEIGHTS, not_finite | integers)
    store.publish(recipe.trained, {})
    with pytest.raises(Diverged, match="not finite"):
        build_all(store, [recipe])


def test_images_are_resized_to_and_from_the_size_of_the_network(store: Store, recipe: SampleGan) -> None:
    """For images of 11 pixels the real images are enlarged to 16 and the samples are reduced to 11."""
    settings = recipe.trained.settings.model_copy(update={"size": 11})
    odd = recipe.model_copy(update={"trained": recipe.trained.model_copy(update={"settings": settings}), "size": 11})
    build_all(store, [odd])
    assert odd.open(store).images.shape == (5, 11, 11, 3)
    assert len(store.get(odd.trained).tensors(WEIGHTS)["blocks.2.conv1.bias"]) == 4


def test_truncation_reduces_the_variety_of_images(store: Store, recipe: SampleGan) -> None:
    untruncated = recipe.model_copy(update={"per_class": (40, 1)})
    truncated = untruncated.model_copy(update={"settings": GanSampling(truncation=0.1)})
    _, artifact = build_all(store, [untruncated, truncated])
    std, truncated_std = (samples.open(store).images[:40].std(axis=0).mean() for samples in (untruncated, truncated))
    assert truncated_std < 0.5 * std
    assert artifact.json(SUMMARY)["truncation"] == 0.1

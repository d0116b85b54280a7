import pytest
import torch

from suite.generators.sd.tiny.autoencoder import encode, make_autoencoder, reconstruction_loss
from suite.generators.sd.tiny.glyphs import render
from suite.randomness import initialising


def test_latents_are_scaled_to_a_standard_deviation_of_one() -> None:
    with initialising(0, "test"):
        network = make_autoencoder().eval()
    images = torch.from_numpy(render(60, seed=0)[0].images).permute(0, 3, 1, 2).contiguous()
    latents = encode(network, images)
    assert latents.shape == (60, 4, 4, 4)
    assert float(latents.std()) == pytest.approx(1, abs=1e-3)
    with torch.no_grad():
        decoded = network.decode(latents / network.config.scaling_factor).sample
        expected = network.decode(network.encode(images.float() / 127.5 - 1).latent_dist.mean).sample
    assert torch.allclose(decoded, expected, atol=1e-4)


def test_the_loss_depends_on_the_step_number_only() -> None:
    with initialising(0, "test"):
        network = make_autoencoder()
        images = torch.rand(4, 3, 16, 16)
    first, repeated, other = (float(reconstruction_loss(network, images, 0, step).detach()) for step in (1, 1, 2))
    assert first == repeated
    assert first != other

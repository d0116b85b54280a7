import pytest
import torch
from torch import nn

from suite.generators.biggan.blocks import ConditionalBatchNorm, DownBlock, UpBlock, convolution, embedding, linear
from suite.generators.biggan.network import Discriminator, GanGenerator
from suite.generators.biggan.settings import GanTraining
from suite.generators.biggan.shape import image_size, sizes


def tiny(bottom: int = 2) -> GanTraining:
    return GanTraining(bottom=bottom, channels=8, noise=3, embedding=4)


class Zero(nn.Module):
    """A layer that returns zeros."""

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return features[:, :1] * 0


@pytest.mark.parametrize(
    ("bottom", "size", "expected"),
    [
        (2, 8, [2, 4, 8]),
        (4, 8, [4, 8]),
        (4, 32, [4, 8, 16, 32]),
        (4, 28, [4, 8, 16, 32]),
        (4, 33, [4, 8, 16, 32, 64]),
        (4, 4, [4, 8]),
        (4, 3, [4, 8]),
    ],
)
def test_sizes_double_until_they_reach_the_image_size(bottom: int, size: int, expected: list[int]) -> None:
    assert sizes(tiny(bottom), size) == expected


@pytest.mark.parametrize(
    ("bottom", "size", "generated_size"), [(2, 8, 8), (4, 8, 8), (4, 28, 32), (4, 32, 32), (4, 64, 64)]
)
def test_shapes_of_images_and_scores(bottom: int, size: int, generated_size: int) -> None:
    generator, discriminator = GanGenerator(tiny(bottom), 3, size), Discriminator(tiny(bottom), 3, size)
    labels = torch.tensor([0, 2])
    with torch.no_grad():
        images = generator(torch.randn(2, generator.noise), labels)
        scores = discriminator(images, labels)
    assert images.shape == (2, 3, generated_size, generated_size)
    assert images.abs().max() <= 1
    assert scores.shape == (2,)
    assert len(discriminator.blocks) == len(generator.blocks) + 1


def test_with_patches_the_networks_see_every_pixel_at_a_lower_resolution() -> None:
    settings = tiny().model_copy(update={"patch": 2})
    generator, discriminator = GanGenerator(settings, 3, 16), Discriminator(settings, 3, 16)
    assert sizes(settings, 16) == [2, 4, 8]
    assert image_size(settings, 16) == 16
    inputs: list[torch.Tensor] = []
    discriminator.blocks.register_forward_pre_hook(lambda _, arguments: inputs.extend(arguments))
    with torch.no_grad():
        images = generator(torch.randn(2, generator.noise), torch.tensor([0, 2]))
        discriminator(images, torch.tensor([0, 2]))
    assert images.shape == (2, 3, 16, 16)
    assert inputs[0].shape == (2, 12, 8, 8)
    assert torch.equal(inputs[0][:, :4, 3, 5], images[:, 0, 6:8, 10:12].flatten(1))


def test_channels_halve_above_32_pixels() -> None:
    generator = GanGenerator(GanTraining(channels=8, noise=2, embedding=2), 2, 128)
    assert [block.conv2.out_channels for block in generator.blocks] == [8, 8, 8, 4, 2]


def test_the_small_networks_have_the_published_number_of_parameters() -> None:
    settings = GanTraining(bottom=2, channels=32, noise=10, embedding=16)
    for network in (GanGenerator(settings, 10, 8), Discriminator(settings, 10, 8)):
        assert sum(weight.numel() for weight in network.parameters()) == pytest.approx(48_000, rel=0.05)


@pytest.mark.parametrize("layer", [lambda: convolution(6, 8, 3), lambda: linear(5, 7), lambda: embedding(9, 4)])
def test_weights_are_orthogonal_at_first_and_always_have_spectral_norm_one(layer) -> None:  # type: ignore[no-untyped-def]
    module = layer()
    raw = module.parametrizations.weight.original.flatten(1)
    small = raw if len(raw) < raw.shape[1] else raw.T
    torch.testing.assert_close(small @ small.T, torch.eye(len(small)), rtol=0, atol=1e-5)
    with torch.no_grad():
        module.parametrizations.weight.original.mul_(7.0)
        for _ in range(30):
            weight = module.weight
    torch.testing.assert_close(torch.linalg.matrix_norm(weight.flatten(1), 2), torch.tensor(1.0), rtol=1e-3, atol=0)
    assert getattr(module, "bias", None) is None or not module.bias.any()


def test_every_layer_except_the_shared_embedding_is_spectrally_normalised() -> None:
    for network in (GanGenerator(tiny(), 3, 8), Discriminator(tiny(), 3, 8)):
        for name, module in network.named_modules():
            if isinstance(module, nn.Conv2d | nn.Linear | nn.Embedding):
                shared = isinstance(network, GanGenerator) and name == "classes"
                assert hasattr(module, "parametrizations") != shared, name


def test_conditional_batch_norm_applies_the_gain_and_offset_of_the_condition() -> None:
    norm = ConditionalBatchNorm(5, 4)
    features, condition = torch.randn(6, 5, 3, 3) * 4 + 2, torch.randn(6, 4)
    with torch.no_grad():
        output = norm(features, condition)
        gain, offset = norm.gain(condition), norm.offset(condition)
    std = features.var((0, 2, 3), unbiased=False).add(1e-5).sqrt()
    normal = (features - features.mean((0, 2, 3))[:, None, None]) / std[:, None, None]
    expected = normal * (1 + gain[:, :, None, None]) + offset[:, :, None, None]
    torch.testing.assert_close(output, expected, rtol=1e-3, atol=1e-4)


def test_blocks_resize_their_input_and_have_a_shortcut() -> None:
    features = torch.randn(2, 4, 4, 4)
    up, down = UpBlock(4, 6, 3), DownBlock(4, 6, halve=True)
    with torch.no_grad():
        assert up(features, torch.randn(2, 3)).shape == (2, 6, 8, 8)
        assert down(features).shape == (2, 6, 2, 2)
        up.conv2 = down.conv2 = Zero()
        up.eval()
        down.eval()  # in training mode each forward pass updates the spectral norm
        upsampled = up.shortcut(features).repeat_interleave(2, 2).repeat_interleave(2, 3)
        torch.testing.assert_close(up(features, torch.randn(2, 3)), upsampled)
        torch.testing.assert_close(down(features), torch.nn.functional.avg_pool2d(down.shortcut(features), 2))


def test_the_first_block_of_the_discriminator_applies_no_relu_to_its_input() -> None:
    image = -torch.rand(1, 3, 4, 4)
    block = DownBlock(3, 4, halve=True, first=True)
    block.shortcut = Zero()
    with torch.no_grad():
        assert not torch.equal(block(image), block(2 * image))


def test_the_score_is_a_projection_on_the_class() -> None:
    """Scores for two classes differ by the inner product of the features and the difference of the embeddings."""
    discriminator = Discriminator(tiny(), 3, 8).eval()
    images = torch.randn(4, 3, 8, 8)
    with torch.no_grad():
        scores = [discriminator(images, torch.full((4,), label)) for label in (0, 1)]
        features = discriminator.blocks(images).relu().sum((2, 3))
        vectors = discriminator.classes(torch.tensor([0, 1]))
    torch.testing.assert_close(scores[0] - scores[1], features @ (vectors[0] - vectors[1]), rtol=1e-3, atol=1e-4)

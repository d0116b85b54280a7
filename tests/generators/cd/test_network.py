import torch
from diffusers.models.unets.unet_2d import UNet2DModel

from suite.generators.cd.network import denoiser
from suite.generators.cd.settings import DiffusionTraining


def test_attention_is_at_the_levels_of_the_settings() -> None:
    base = {"channels": (8, 8, 16), "layers": 1, "norm_groups": 4}
    network = denoiser(DiffusionTraining(**base, attention=(1,)), 3)
    kinds = [type(block).__name__ for block in (*network.down_blocks, *network.up_blocks)]
    assert kinds == ["DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"]
    plain = denoiser(DiffusionTraining(**base, attention=()), 3)
    assert not any("Attention" in type(module).__name__ for module in plain.modules())


def test_output_depends_on_the_class_and_on_no_class() -> None:
    network = denoiser(DiffusionTraining(channels=(8, 8), layers=1, norm_groups=4, attention=()), 2)
    torch.nn.init.normal_(network.conv_out.weight)
    images = torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        outputs = [network(images, 10, torch.tensor([label])).sample for label in range(3)]
    assert all(output.shape == images.shape for output in outputs)
    assert not any(torch.equal(outputs[i], outputs[j]) for i, j in ((0, 1), (1, 2), (0, 2)))


def test_patches_lose_no_pixel() -> None:
    """The first layer gets every pixel of a patch as channels of one position; the last layer's output is put back."""
    settings = DiffusionTraining(channels=(8, 8), layers=1, norm_groups=4, attention=(), patch=2)
    network = denoiser(settings, 2)
    images = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    seen: list[torch.Tensor] = []
    network.conv_in.register_forward_pre_hook(lambda _, arguments: seen.extend(arguments))
    network.conv_out.register_forward_hook(lambda *_: seen[0])  # the output is the input
    with torch.no_grad():
        output = network(images, torch.tensor([1, 2]), torch.tensor([0, 1])).sample
    assert seen[0].shape == (2, 12, 4, 4)
    assert torch.equal(seen[0][:, 4:8, 1, 3], images[:, 1, 2:4, 6:8].flatten(1))
    assert torch.equal(output, images)


def test_without_patches_the_network_is_that_of_diffusers() -> None:
    network = denoiser(DiffusionTraining(channels=(8, 8), layers=1, norm_groups=4, attention=()), 2)
    plain = UNet2DModel(**network.config)
    plain.load_state_dict(network.state_dict())
    images = torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        outputs = [model(images, torch.tensor([5]), torch.tensor([1])).sample for model in (network, plain)]
    assert torch.equal(*outputs)

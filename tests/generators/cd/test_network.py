import torch

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

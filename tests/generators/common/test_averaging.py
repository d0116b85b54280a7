import torch
from torch import nn

from suite.generators.common.averaging import moving_average


def test_weights_and_batch_norm_statistics_are_averaged() -> None:
    network = nn.Sequential(nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2))
    average = moving_average(network, 0.75)
    expected: dict[str, torch.Tensor] = {}
    for step in range(3):
        with torch.no_grad():
            network[0].weight.add_(1.0)
            network(torch.randn(4, 3, 5, 5, generator=torch.Generator().manual_seed(step)))
        average.update_parameters(network)
        for name, value in network.state_dict().items():
            old = expected.get(name, value)
            expected[name] = (0.75 * old + 0.25 * value).clone()
    for name in ("0.weight", "1.weight", "1.running_mean", "1.running_var"):
        torch.testing.assert_close(average.module.state_dict()[name], expected[name])
    assert not torch.equal(average.module[1].running_mean, network[1].running_mean)

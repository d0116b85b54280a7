"""Estimates for both networks, compared with the networks themselves."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from suite.generators.biggan.flops import discriminator_layers, generator_layers
from suite.generators.biggan.network import Discriminator, GanGenerator
from suite.generators.biggan.settings import GanTraining

PAPER = GanTraining(channels=32)
PATCHES = GanTraining(channels=32, patch=2)
SMALL = GanTraining(bottom=2, channels=16, noise=10, embedding=16)


@pytest.mark.parametrize(("settings", "size"), [(PAPER, 32), (PAPER, 64), (PATCHES, 32), (SMALL, 8)])
def test_parameters_and_operations_are_those_of_the_networks(settings: GanTraining, size: int) -> None:
    images, labels = torch.zeros(1, 3, size, size), torch.zeros(1, dtype=torch.long)
    generator, discriminator = GanGenerator(settings, 10, size).eval(), Discriminator(settings, 10, size).eval()
    for network, inputs, layers in (
        (generator, torch.zeros(1, generator.noise), generator_layers(settings, 10, size)),
        (discriminator, images, discriminator_layers(settings, 10, size)),
    ):
        with FlopCounterMode(display=False) as counter:
            network(inputs, labels)
        assert layers.parameters == sum(weight.numel() for weight in network.parameters())
        assert layers.operations == counter.get_total_flops()


def test_augmented_images_are_part_of_the_activations() -> None:
    plain = discriminator_layers(PATCHES, 10, 32)
    augmented = discriminator_layers(PATCHES.model_copy(update={"augment": ("color", "cutout")}), 10, 32)
    assert augmented.activations - plain.activations == 4 * 3 * 32 * 32
    assert augmented.operations == plain.operations

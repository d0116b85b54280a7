"""What every classifier network promises."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from suite.classifiers.network import Network
from suite.classifiers.settings import ClassifierSettings
from suite.randomness import initialising
from suite.testing.checks import disturb, heavy_imports

if TYPE_CHECKING:
    import torch

CLASSES = 3


def look_up(network: Network) -> str:
    """Do what planning does with a network."""
    return network.name


class NetworkContract:
    """Inherit, set ``plugin``, and ``settings`` so that the network is small.

    Attributes:
        plugin: The class.
        settings: What a profile would say under ``[classifier]``.
        sizes: Heights and widths of images that it takes.
    """

    plugin: type[Network]
    settings: ClassVar[dict[str, Any]] = {}
    sizes: ClassVar[tuple[int, ...]] = (8, 32)

    @pytest.fixture
    def network(self) -> Network:
        """The plugin; override it where the class takes arguments."""
        return self.plugin()

    @pytest.fixture
    def make(self, network: Network) -> "Callable[..., torch.nn.Module]":
        """How networks are made: by the seed of their weights."""

        def made(seed: int = 0) -> "torch.nn.Module":
            with initialising(seed, "initial weights"):
                return network.make(CLASSES, ClassifierSettings.model_validate(self.settings))

        return made

    def test_planning_is_light(self, network: Network) -> None:
        """Its module imports what it is made of when it is made."""
        assert heavy_imports(look_up, network) == []

    def test_images_of_any_size_give_a_logit_a_class(self, make: "Callable[..., torch.nn.Module]") -> None:
        """From normalised floats, (N, 3, H, W), to (N, classes)."""
        import torch

        for size in self.sizes:
            logits = make()(torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(0)))
            assert logits.shape == (2, CLASSES)
            assert bool(logits.isfinite().all())

    def test_weights_come_from_the_seed_alone(self, make: "Callable[..., torch.nn.Module]") -> None:
        """Drawn from torch's global generator, which the suite seeds for that moment; nothing else is drawn from."""
        disturb(1)
        first = make().state_dict()
        disturb(2)
        again, other = make().state_dict(), make(seed=1).state_dict()
        assert list(first) == list(again) == list(other)
        assert all(bool((first[name] == again[name]).all()) for name in first)
        assert any(bool((first[name] != other[name]).any()) for name in first)

    def test_every_weight_learns(self, make: "Callable[..., torch.nn.Module]") -> None:
        """A weight that no gradient reaches is dead, or belongs to something that is not used."""
        import torch

        network = make()
        images = torch.rand(4, 3, self.sizes[0], self.sizes[0], generator=torch.Generator().manual_seed(0))
        torch.nn.functional.cross_entropy(network(images), torch.tensor([0, 1, 2, 0])).backward()  # type: ignore[no-untyped-call]
        dead = [name for name, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()]
        assert dead == []

"""The contract of classifier networks."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from suite.classifiers.network import Network
from suite.classifiers.settings import ClassifierSettings
from suite.randomness import initialising
from suite.testing.checks import heavy_imports, reseed_global_generators

if TYPE_CHECKING:
    import torch

CLASSES = 3


def get_name(network: Network) -> str:
    """Return the name of a network; planning needs no more of it."""
    return network.name


class NetworkContract:
    """Tests for a classifier network. Inherit, set ``plugin``, and ``settings`` so that the network is small.

    Attributes:
        plugin: The network class.
        settings: Fields of ``[classifier]`` in a profile.
        sizes: Heights and widths in pixels of square images that the network accepts.
    """

    plugin: type[Network]
    settings: ClassVar[dict[str, Any]] = {}
    sizes: ClassVar[tuple[int, ...]] = (8, 32)

    @pytest.fixture
    def network(self) -> Network:
        """The plugin; override this fixture if the class takes arguments."""
        return self.plugin()

    @pytest.fixture
    def make(self, network: Network) -> "Callable[..., torch.nn.Module]":
        """A function that makes a network from the seed of its initial weights."""

        def make_network(seed: int = 0) -> "torch.nn.Module":
            with initialising(seed, "initial weights"):
                return network.make(CLASSES, ClassifierSettings.model_validate(self.settings))

        return make_network

    def test_planning_imports_no_heavy_library(self, network: Network) -> None:
        """The module of the plugin imports torch only when a network is made."""
        assert heavy_imports(get_name, network) == []

    def test_images_of_any_size_give_one_logit_per_class(self, make: "Callable[..., torch.nn.Module]") -> None:
        """Normalised floats (N, 3, H, W) give logits (N, classes)."""
        import torch

        for size in self.sizes:
            logits = make()(torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(0)))
            assert logits.shape == (2, CLASSES)
            assert bool(logits.isfinite().all())

    def test_weights_depend_only_on_the_seed(self, make: "Callable[..., torch.nn.Module]") -> None:
        """Weights are drawn from torch's global generator, which the suite seeds for that moment, and from no other."""
        reseed_global_generators(1)
        first = make().state_dict()
        reseed_global_generators(2)
        again, other = make().state_dict(), make(seed=1).state_dict()
        assert list(first) == list(again) == list(other)
        assert all(bool((first[name] == again[name]).all()) for name in first)
        assert any(bool((first[name] != other[name]).any()) for name in first)

    def test_every_weight_has_a_gradient(self, make: "Callable[..., torch.nn.Module]") -> None:
        """A weight without a gradient is never trained, or belongs to an unused layer."""
        import torch

        network = make()
        images = torch.rand(4, 3, self.sizes[0], self.sizes[0], generator=torch.Generator().manual_seed(0))
        torch.nn.functional.cross_entropy(network(images), torch.tensor([0, 1, 2, 0])).backward()  # type: ignore[no-untyped-call]
        untrained = [
            name for name, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()
        ]
        assert untrained == []

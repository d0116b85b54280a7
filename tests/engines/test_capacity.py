"""Resources of builds and capacity of cluster nodes."""

import pytest
from simple_classifiers import resnet18
from simple_recipes import Number, Painted

from suite.artifacts.resources import GIB, TRAINING, ResourceRequest
from suite.classifiers.network import TrainedNetwork
from suite.classifiers.plugins.resnet18 import ResNet18Settings
from suite.compute import Compute
from suite.engines.capacity import Capacity

CPU_NODE, GPU_NODE, HEAD = Capacity(16, 0, 64 * GIB), Capacity(8, 4, 128 * GIB), Capacity(0, 0, 8 * GIB)


def classifier(threads: int) -> TrainedNetwork:
    """Return a classifier that is trained with ``threads`` threads."""
    settings = ResNet18Settings(width=8, epochs=1, batch_size=8)
    return resnet18(
        training_set=Painted(per_class=(4, 4)), classes=2, settings=settings, seed=0, compute=Compute(threads=threads)
    )


def test_a_build_needs_a_core_per_thread_and_a_gpu_only_on_cuda() -> None:
    assert Capacity.for_recipe(classifier(3), "cuda") == Capacity(3, 1, TRAINING.memory)
    assert Capacity.for_recipe(classifier(3), "cpu") == Capacity(3, 0, TRAINING.memory)
    assert Capacity.for_recipe(Number(), "cuda") == Capacity(ResourceRequest().cpus, 0, ResourceRequest().memory)


def test_the_capacity_of_a_node_is_read_from_the_resources_that_ray_reports() -> None:
    resources = {"CPU": 8.0, "GPU": 2.0, "memory": 5e9, "object_store_memory": 1e9, "node:127.0.0.1": 1.0}
    assert Capacity.of_node(resources) == Capacity(8, 2, 5e9)
    assert Capacity.of_node({}) == Capacity(0, 0, 0)


def test_a_neededtoo_large_for_any_node_is_reduced_to_the_largest() -> None:
    assert Capacity(4, 0, 4 * GIB).limited_to([CPU_NODE, HEAD]) == Capacity(4, 0, 4 * GIB)
    assert Capacity(32, 0, 100 * GIB).limited_to([CPU_NODE, HEAD]) == Capacity(16, 0, 64 * GIB)
    assert Capacity(4, 1, 300 * GIB).limited_to([CPU_NODE, GPU_NODE]) == Capacity(4, 1, 128 * GIB)


@pytest.mark.parametrize(
    ("needed", "nodes"), [(Capacity(1, 1, 0), [CPU_NODE]), (Capacity(1, 0, 0), [HEAD]), (Capacity(1, 0, 0), [])]
)
def test_a_neededthat_no_node_can_run_is_refused(needed: Capacity, nodes: list[Capacity]) -> None:
    assert needed.limited_to(nodes) is None
    assert needed.count_in(nodes) == 0


def test_the_scarcest_resource_limits_the_number_of_builds() -> None:
    assert Capacity(1, 0, GIB).count_in([CPU_NODE, GPU_NODE]) == 24
    assert Capacity(1, 0.25, GIB).count_in([CPU_NODE, GPU_NODE]) == 8
    assert Capacity(1, 1, GIB).count_in([CPU_NODE, GPU_NODE]) == 4
    assert Capacity(0.5, 0, 32 * GIB).count_in([CPU_NODE, GPU_NODE]) == 6


def test_a_capacity_is_printed_in_words() -> None:
    assert str(Capacity(1, 0, GIB)) == "1 core"
    assert str(Capacity(2, 0.25, GIB)) == "2 cores and 0.25 GPU"

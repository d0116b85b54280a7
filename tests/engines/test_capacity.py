"""What a build takes up, against what the nodes of a cluster have."""

import pytest
from simple_recipes import Number, Painted

from suite.artifacts.resources import GIB, TRAINING, ResourceRequest
from suite.classifiers.recipes import Classifier
from suite.classifiers.settings import ClassifierSettings
from suite.compute import Compute
from suite.engines.capacity import Capacity

CPU_NODE, GPU_NODE, HEAD = Capacity(16, 0, 64 * GIB), Capacity(8, 4, 128 * GIB), Capacity(0, 0, 8 * GIB)


def classifier(threads: int) -> Classifier:
    """Return a classifier that is trained with so many threads."""
    settings = ClassifierSettings(width=8, epochs=1, batch_size=8)
    return Classifier(
        training_set=Painted(per_class=(4, 4)), classes=2, settings=settings, seed=0, compute=Compute(threads=threads)
    )


def test_a_build_takes_the_cores_of_its_threads_and_a_gpu_only_where_one_is_computed_on() -> None:
    assert Capacity.for_recipe(classifier(3), "cuda") == Capacity(3, 1, TRAINING.memory)
    assert Capacity.for_recipe(classifier(3), "cpu") == Capacity(3, 0, TRAINING.memory)
    assert Capacity.for_recipe(Number(), "cuda") == Capacity(ResourceRequest().cpus, 0, ResourceRequest().memory)


def test_what_ray_says_of_a_node() -> None:
    said = {"CPU": 8.0, "GPU": 2.0, "memory": 5e9, "object_store_memory": 1e9, "node:127.0.0.1": 1.0}
    assert Capacity.of_node(said) == Capacity(8, 2, 5e9)
    assert Capacity.of_node({}) == Capacity(0, 0, 0)


def test_what_is_too_much_for_any_node_gets_the_largest() -> None:
    assert Capacity(4, 0, 4 * GIB).within([CPU_NODE, HEAD]) == Capacity(4, 0, 4 * GIB)
    assert Capacity(32, 0, 100 * GIB).within([CPU_NODE, HEAD]) == Capacity(16, 0, 64 * GIB)
    assert Capacity(4, 1, 300 * GIB).within([CPU_NODE, GPU_NODE]) == Capacity(4, 1, 128 * GIB)


@pytest.mark.parametrize(
    ("asked", "nodes"), [(Capacity(1, 1, 0), [CPU_NODE]), (Capacity(1, 0, 0), [HEAD]), (Capacity(1, 0, 0), [])]
)
def test_what_no_node_can_do_is_said(asked: Capacity, nodes: list[Capacity]) -> None:
    assert asked.within(nodes) is None
    assert asked.times_in(nodes) == 0


def test_the_scarcest_thing_says_how_often_it_fits() -> None:
    assert Capacity(1, 0, GIB).times_in([CPU_NODE, GPU_NODE]) == 24
    assert Capacity(1, 0.25, GIB).times_in([CPU_NODE, GPU_NODE]) == 8
    assert Capacity(1, 1, GIB).times_in([CPU_NODE, GPU_NODE]) == 4
    assert Capacity(0.5, 0, 32 * GIB).times_in([CPU_NODE, GPU_NODE]) == 6


def test_it_reads_as_words() -> None:
    assert str(Capacity(1, 0, GIB)) == "1 core"
    assert str(Capacity(2, 0.25, GIB)) == "2 cores and 0.25 GPU"

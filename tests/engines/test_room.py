"""What a build takes up, against what the nodes of a cluster have."""

import pytest
from simple_recipes import Number, Painted

from suite.artifacts.demand import GIB, TRAINING, Demand
from suite.classifiers.recipes import Classifier, ClassifierSettings
from suite.compute import Compute
from suite.engines.room import Room

CPU_NODE, GPU_NODE, HEAD = Room(16, 0, 64 * GIB), Room(8, 4, 128 * GIB), Room(0, 0, 8 * GIB)


def classifier(threads: int) -> Classifier:
    """Return a classifier that is trained with so many threads."""
    settings = ClassifierSettings(width=8, epochs=1, batch_size=8)
    return Classifier(
        training_set=Painted(per_class=(4, 4)), classes=2, settings=settings, seed=0, compute=Compute(threads=threads)
    )


def test_a_build_takes_the_cores_of_its_threads_and_a_gpu_only_where_one_is_computed_on() -> None:
    assert Room.for_recipe(classifier(3), "cuda") == Room(3, 1, TRAINING.memory)
    assert Room.for_recipe(classifier(3), "cpu") == Room(3, 0, TRAINING.memory)
    assert Room.for_recipe(Number(), "cuda") == Room(Demand().cpus, 0, Demand().memory)


def test_what_ray_says_of_a_node() -> None:
    said = {"CPU": 8.0, "GPU": 2.0, "memory": 5e9, "object_store_memory": 1e9, "node:127.0.0.1": 1.0}
    assert Room.of_node(said) == Room(8, 2, 5e9)
    assert Room.of_node({}) == Room(0, 0, 0)


def test_what_is_too_much_for_any_node_gets_the_largest() -> None:
    assert Room(4, 0, 4 * GIB).within([CPU_NODE, HEAD]) == Room(4, 0, 4 * GIB)
    assert Room(32, 0, 100 * GIB).within([CPU_NODE, HEAD]) == Room(16, 0, 64 * GIB)
    assert Room(4, 1, 300 * GIB).within([CPU_NODE, GPU_NODE]) == Room(4, 1, 128 * GIB)


@pytest.mark.parametrize(
    ("asked", "nodes"), [(Room(1, 1, 0), [CPU_NODE]), (Room(1, 0, 0), [HEAD]), (Room(1, 0, 0), [])]
)
def test_what_no_node_can_do_is_said(asked: Room, nodes: list[Room]) -> None:
    assert asked.within(nodes) is None
    assert asked.times_in(nodes) == 0


def test_the_scarcest_thing_says_how_often_it_fits() -> None:
    assert Room(1, 0, GIB).times_in([CPU_NODE, GPU_NODE]) == 24
    assert Room(1, 0.25, GIB).times_in([CPU_NODE, GPU_NODE]) == 8
    assert Room(1, 1, GIB).times_in([CPU_NODE, GPU_NODE]) == 4
    assert Room(0.5, 0, 32 * GIB).times_in([CPU_NODE, GPU_NODE]) == 6


def test_it_reads_as_words() -> None:
    assert str(Room(1, 0, GIB)) == "1 core"
    assert str(Room(2, 0.25, GIB)) == "2 cores and 0.25 GPU"

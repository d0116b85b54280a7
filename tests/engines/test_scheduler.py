"""The scheduler: order, priorities, retries, and a cost proportional to the size of the graph."""

import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import paper_size
import pytest
from simple_recipes import Number
from stand_ins import SimulatedPool

from suite.artifacts import Artifact, Recipe, Store
from suite.engines.engine import Event, EventKind
from suite.engines.graph import Graph
from suite.engines.messages import Busy, Message, WorkerDied
from suite.engines.scheduler import Scheduler

ENGINES = str(Path(sys.modules[Scheduler.__module__].__file__ or "").parent)


class Counting(Store):
    """A store that counts its lookups."""

    lookups = 0

    def find(self, recipe: Recipe) -> Artifact | None:
        self.lookups += 1
        return super().find(recipe)


def schedule(store: Store, *targets: Recipe, pool: SimulatedPool) -> tuple[dict[str, str], list[Event]]:
    """Run a scheduler and return failures and events."""
    events: list[Event] = []
    return Scheduler(Graph(targets, store), events.append).run(lambda: pool, threading.Event()), events


def layers(width: int) -> list[Number]:
    """Return the top of five layers of ``width`` recipes, each with three dependencies in the layer below."""
    layer = [Number(value=value) for value in range(width)]
    for height in range(1, 5):
        layer = [
            Number(value=height * width + place, needs=tuple(layer[(place + side) % width] for side in (-1, 0, 1)))
            for place in range(width)
        ]
    return layer


def steps(store: Counting, width: int) -> tuple[float, float]:
    """Return lines executed in ``suite/engines`` and lookups in the store, both per recipe."""
    targets = layers(width)
    lines = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace if frame.f_code.co_filename.startswith(ENGINES) else None

    pool = SimulatedPool(8, lambda _: 1.0)
    before, tracing = store.lookups, sys.gettrace()
    sys.settrace(trace)
    try:
        schedule(store, *targets, pool=pool)
    finally:
        sys.settrace(tracing)
    assert len(pool.order) == 5 * width
    return lines / len(pool.order), (store.lookups - before) / len(pool.order)


def test_lines_and_lookups_per_recipe_do_not_grow_with_the_plan(store: Store) -> None:
    counting = Counting(store.root)
    (few, few_lookups), (many, many_lookups) = steps(counting, 50), steps(counting, 400)
    assert many < 1.2 * few
    assert many_lookups == few_lookups <= 4


def test_a_plan_of_the_papers_size_is_scheduled_once_and_in_order(tmp_path: Path) -> None:
    plans = paper_size.planner(tmp_path / "data", seeds=1)
    counting = Counting(tmp_path / "store")
    counting.prepare()
    pool = SimulatedPool(paper_size.GPUS, paper_size.seconds)
    graph = Graph(paper_size.targets(plans), counting)
    events: list[Event] = []
    assert Scheduler(graph, events.append).run(lambda: pool, threading.Event()) == {}
    assert len(graph.recipes) > 1000
    assert sorted(pool.order) == sorted(graph.recipes)
    place = {key: number for number, key in enumerate(pool.order)}
    for key, recipe in graph.recipes.items():
        assert all(place[dependency.key] < place[key] for dependency in recipe.dependencies)
    assert counting.lookups <= 4 * len(graph.recipes)
    assert pool.clock < 1.25 * pool.busy_seconds / paper_size.GPUS, (
        "GPUs were idle: recipes with dependents must come first"
    )


def test_a_chain_is_started_before_recipes_without_dependents(store: Store) -> None:
    single = [Number(value=value) for value in range(10)]
    last = Number(value=100)
    for value in range(101, 105):
        last = Number(value=value, needs=(last,))
    pool = SimulatedPool(2, lambda _: 1.0)
    schedule(store, *single, last, pool=pool)
    assert pool.clock == 8.0, "fifteen builds with two workers, without waiting at the end"


class ScriptedPool(SimulatedPool):
    """Gives the scripted outcomes before it builds."""

    max_attempts = 3

    def __init__(self, *outcomes: Message) -> None:
        super().__init__(1, lambda _: 1.0)
        self._outcomes = list(outcomes)

    def poll(self, seconds: float) -> list[tuple[Recipe, Message]]:
        if not self._running:
            return []
        (recipe, started), built = super().poll(seconds)
        return [(recipe, started), (recipe, self._outcomes.pop(0)) if self._outcomes else built]


@pytest.mark.parametrize("deaths", [1, 2])
def test_a_worker_that_died_is_retried_and_reported(store: Store, deaths: int) -> None:
    recipe = Number(value=1)
    failed, events = schedule(store, recipe, pool=ScriptedPool(*[WorkerDied("its node has failed")] * deaths))
    assert failed == {}
    expected = [EventKind.STARTED, EventKind.RETRIED] * deaths + [EventKind.STARTED, EventKind.BUILT]
    assert [event.kind for event in events] == expected
    assert events[1].message == "test-number: its node has failed; started again"


def test_a_recipe_whose_worker_always_dies_fails_with_its_dependents(store: Store) -> None:
    recipe = Number(value=1)
    dependent = Number(value=2, needs=(recipe,))
    failed, _ = schedule(store, dependent, pool=ScriptedPool(*[WorkerDied("its node has failed")] * 3))
    assert failed == dict.fromkeys([recipe.key, dependent.key], "test-number: its node has failed; tried 3 times")


def test_a_recipe_that_another_process_builds_is_tried_again(store: Store) -> None:
    failed, events = schedule(store, Number(value=1), pool=ScriptedPool(Busy(), Busy()))
    assert failed == {}
    assert [event.kind for event in events] == [EventKind.STARTED] * 3 + [EventKind.BUILT]

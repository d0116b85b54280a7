"""What a shift does with a graph: in order, once, as priorities say, and in steps that grow with the graph alone."""

import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import paper_size
import pytest
from simple_recipes import Number
from stand_ins import StandIns

from suite.artifacts import Artifact, Recipe, Store
from suite.engines.engine import Event, EventKind
from suite.engines.graph import Graph
from suite.engines.messages import Busy, Message, WorkerDied
from suite.engines.scheduler import Scheduler

ENGINES = str(Path(sys.modules[Scheduler.__module__].__file__ or "").parent)


class Counting(Store):
    """Counts how often it is asked for an artifact."""

    lookups = 0

    def find(self, recipe: Recipe) -> Artifact | None:
        self.lookups += 1
        return super().find(recipe)


def work(store: Store, *targets: Recipe, pool: StandIns) -> tuple[dict[str, str], list[Event]]:
    """Run a shift to its end."""
    heard: list[Event] = []
    return Scheduler(Graph(targets, store), heard.append).work(lambda: pool, threading.Event()), heard


def layers(width: int) -> list[Number]:
    """Return targets over five layers so wide, each recipe needing its three neighbours below."""
    layer = [Number(value=value) for value in range(width)]
    for height in range(1, 5):
        layer = [
            Number(value=height * width + place, needs=tuple(layer[(place + side) % width] for side in (-1, 0, 1)))
            for place in range(width)
        ]
    return layer


def steps(store: Counting, width: int) -> tuple[float, float]:
    """Return lines executed in the engines' code, and lookups in the store, a recipe."""
    targets = layers(width)
    lines = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace if frame.f_code.co_filename.startswith(ENGINES) else None

    pool = StandIns(8, lambda _: 1.0)
    before, tracing = store.lookups, sys.gettrace()
    sys.settrace(trace)
    try:
        work(store, *targets, pool=pool)
    finally:
        sys.settrace(tracing)
    assert len(pool.order) == 5 * width
    return lines / len(pool.order), (store.lookups - before) / len(pool.order)


def test_steps_and_lookups_a_recipe_do_not_grow_with_the_plan(store: Store) -> None:
    counting = Counting(store.root)
    (few, few_lookups), (many, many_lookups) = steps(counting, 50), steps(counting, 400)
    assert many < 1.2 * few
    assert many_lookups == few_lookups <= 4


def test_a_plan_of_the_papers_size_is_scheduled_in_order_and_once(tmp_path: Path) -> None:
    plans = paper_size.planner(tmp_path / "data", seeds=1)
    counting = Counting(tmp_path / "store")
    counting.prepare()
    pool = StandIns(paper_size.GPUS, paper_size.seconds)
    graph = Graph(paper_size.targets(plans), counting)
    heard: list[Event] = []
    assert Scheduler(graph, heard.append).work(lambda: pool, threading.Event()) == {}
    assert len(graph.recipes) > 1000
    assert sorted(pool.order) == sorted(graph.recipes)
    place = {key: number for number, key in enumerate(pool.order)}
    for key, recipe in graph.recipes.items():
        assert all(place[dependency.key] < place[key] for dependency in recipe.dependencies)
    assert counting.lookups <= 4 * len(graph.recipes)
    assert pool.clock < 1.25 * pool.work / paper_size.GPUS, "GPUs stood idle: what others wait for comes first"


def test_a_chain_is_begun_before_what_nothing_waits_for(store: Store) -> None:
    alone = [Number(value=value) for value in range(10)]
    last = Number(value=100)
    for value in range(101, 105):
        last = Number(value=value, needs=(last,))
    pool = StandIns(2, lambda _: 1.0)
    work(store, *alone, last, pool=pool)
    assert pool.clock == 8.0, "fifteen builds in two slots, and none waited for at the end"


class Moody(StandIns):
    """Gives another answer than it should, so many times."""

    lives = 3

    def __init__(self, *answers: Message) -> None:
        super().__init__(1, lambda _: 1.0)
        self._answers = list(answers)

    def poll(self, seconds: float) -> list[tuple[Recipe, Message]]:
        if not self._running:
            return []
        (recipe, started), built = super().poll(seconds)
        return [(recipe, started), (recipe, self._answers.pop(0)) if self._answers else built]


@pytest.mark.parametrize("deaths", [1, 2])
def test_what_died_is_begun_again_and_said(store: Store, deaths: int) -> None:
    recipe = Number(value=1)
    failed, heard = work(store, recipe, pool=Moody(*[WorkerDied("its node is gone")] * deaths))
    assert failed == {}
    expected = [EventKind.STARTED, EventKind.RETRIED] * deaths + [EventKind.STARTED, EventKind.BUILT]
    assert [event.what for event in heard] == expected
    assert heard[1].message == "test-number: its node is gone; begun again"


def test_what_dies_each_time_fails_with_its_dependents(store: Store) -> None:
    recipe = Number(value=1)
    above = Number(value=2, needs=(recipe,))
    failed, _ = work(store, above, pool=Moody(*[WorkerDied("its node is gone")] * 3))
    assert failed == dict.fromkeys([recipe.key, above.key], "test-number: its node is gone; it was tried 3 times")


def test_what_another_process_builds_is_asked_for_again(store: Store) -> None:
    failed, heard = work(store, Number(value=1), pool=Moody(Busy(), Busy()))
    assert failed == {}
    assert [event.what for event in heard] == [EventKind.STARTED] * 3 + [EventKind.BUILT]

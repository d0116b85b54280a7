"""The dependency graph: states, priorities and failures."""

from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simple_recipes import Number

from suite.artifacts import Recipe, Store
from suite.engines.build import build, build_all
from suite.engines.graph import Graph

#      A
#     / \
#    B   C     F
#    |   |
#    D   E
A = Number(value=1)
B, C = Number(value=2, needs=(A,)), Number(value=3, needs=(A,))
D, E, F = Number(value=4, needs=(B,)), Number(value=5, needs=(C,)), Number(value=6)


def keys(*recipes: Recipe) -> set[str]:
    return {recipe.key for recipe in recipes}


def ready(graph: Graph) -> list[str]:
    """Return the keys of ready recipes by priority."""
    return sorted((key for key in graph.waiting if graph.is_ready(key)), key=graph.priority)


def test_all_missing_recipes_wait_and_those_without_dependencies_are_ready(store: Store) -> None:
    graph = Graph([D, E, F], store)
    assert graph.waiting == keys(A, B, C, D, E, F)
    assert ready(graph) == [A.key, F.key], "the longest chain of dependents comes first"
    assert keys(*graph.pop_newly_ready()) == keys(A, F)
    assert graph.pop_newly_ready() == []


def test_stored_artifacts_and_their_dependencies_do_not_wait(store: Store) -> None:
    build_all(store, [D])
    store.discard(A.key)
    graph = Graph([D, F], store)
    assert graph.waiting == keys(F)
    assert Graph([D, E], store).waiting == keys(E, C, A)


def test_a_failure_fails_only_its_dependents(store: Store) -> None:
    graph = Graph([D, E, F], store)
    graph.start(A.key)
    graph.finish(A.key)
    graph.start(B.key)
    failed = graph.fail(B.key, "reason")
    assert keys(*failed) == keys(B, D)
    assert graph.failed == dict.fromkeys(keys(B, D), "reason")
    assert graph.waiting == keys(C, E, F)
    assert graph.is_unfinished


def test_a_failure_at_the_root_fails_all_but_unrelated_recipes(store: Store) -> None:
    graph = Graph([D, E, F], store)
    assert keys(*graph.fail(A.key, "reason")) == keys(A, B, C, D, E)
    assert graph.waiting == keys(F)


def test_a_requeued_recipe_is_ready_again(store: Store) -> None:
    graph = Graph([F], store)
    graph.start(F.key)
    assert ready(graph) == []
    graph.pop_newly_ready()
    graph.requeue(F.key)
    assert keys(*graph.pop_newly_ready()) == keys(F)
    assert graph.is_ready(F.key)
    graph.finish(F.key)
    assert not graph.is_unfinished


def test_among_equal_chains_more_dependents_come_first(store: Store) -> None:
    few, many = Number(value=10), Number(value=11)
    graph = Graph([Number(value=value, needs=(many,)) for value in range(20, 23)] + [Number(needs=(few,))], store)
    assert ready(graph) == [many.key, few.key]


def test_a_recipe_that_lost_a_dependency_waits_until_it_is_rebuilt(store: Store) -> None:
    graph = Graph([D, E, F], store)
    for recipe in (A, B):
        graph.start(recipe.key)
        graph.finish(recipe.key)
    graph.start(D.key)
    assert ready(graph) == sorted(keys(C, F), key=graph.priority)
    graph.requeue(D.key)
    graph.require(A)  # the build of D found it damaged
    graph.require(B)
    graph.pop_newly_ready()
    assert ready(graph) == [A.key, F.key], "C, which was ready before, has to wait"
    graph.start(A.key)
    graph.finish(A.key)
    assert keys(*graph.pop_newly_ready()) == keys(B, C)
    graph.start(B.key)
    graph.finish(B.key)
    assert keys(*graph.pop_newly_ready()) == keys(D)


def test_a_failed_recipe_is_not_required_again(store: Store) -> None:
    graph = Graph([D], store)
    graph.fail(A.key, "reason")
    graph.require(A)
    assert not graph.is_unfinished


@settings(max_examples=20)
@given(data=st.data())
def test_any_order_of_ready_recipes_builds_everything_once(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    store = Store(Path(mkdtemp(dir=tmp_path_factory.getbasetemp())))
    store.prepare()
    graph = Graph([D, E, F], store)
    done: list[str] = []
    reported: set[str] = set()
    while graph.is_unfinished:
        reported |= keys(*graph.pop_newly_ready())
        startable = ready(graph)
        assert reported.issuperset(startable), "a recipe became ready without being reported"
        recipe = graph.recipes[data.draw(st.sampled_from(startable))]
        graph.start(recipe.key)
        build(store, recipe)  # raises if a dependency is missing
        graph.finish(recipe.key)
        done.append(recipe.key)
    assert sorted(done) == sorted(keys(A, B, C, D, E, F))

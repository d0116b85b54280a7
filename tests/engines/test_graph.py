"""The work that is left: order, weight, and what a failure takes with it."""

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
    """Return what could be begun now, in order."""
    return sorted((key for key in graph.waiting if graph.is_ready(key)), key=graph.rank)


def test_everything_missing_waits_and_only_what_needs_nothing_is_ready(store: Store) -> None:
    graph = Graph([D, E, F], store)
    assert graph.waiting == keys(A, B, C, D, E, F)
    assert ready(graph) == [A.key, F.key], "first what the longest chain waits for"
    assert keys(*graph.take_ready()) == keys(A, F)
    assert graph.take_ready() == []


def test_what_the_store_has_does_not_wait_nor_what_only_it_needs(store: Store) -> None:
    build_all(store, [D])
    store.discard(A.key)
    graph = Graph([D, F], store)
    assert graph.waiting == keys(F)
    assert Graph([D, E], store).waiting == keys(E, C, A)


def test_a_failure_takes_only_its_dependents(store: Store) -> None:
    graph = Graph([D, E, F], store)
    graph.begin(A.key)
    graph.finish(A.key)
    graph.begin(B.key)
    lost = graph.fail(B.key, "why")
    assert keys(*lost) == keys(B, D)
    assert graph.failed == dict.fromkeys(keys(B, D), "why")
    assert graph.waiting == keys(C, E, F)
    assert graph.open


def test_a_failure_at_the_root_takes_all_but_the_unrelated(store: Store) -> None:
    graph = Graph([D, E, F], store)
    assert keys(*graph.fail(A.key, "why")) == keys(A, B, C, D, E)
    assert graph.waiting == keys(F)


def test_what_was_put_back_is_ready_again(store: Store) -> None:
    graph = Graph([F], store)
    graph.begin(F.key)
    assert ready(graph) == []
    graph.take_ready()
    graph.put_back(F.key)
    assert keys(*graph.take_ready()) == keys(F)
    assert graph.is_ready(F.key)
    graph.finish(F.key)
    assert not graph.open


def test_among_equal_chains_first_what_most_wait_for(store: Store) -> None:
    few, many = Number(value=10), Number(value=11)
    graph = Graph([Number(value=value, needs=(many,)) for value in range(20, 23)] + [Number(needs=(few,))], store)
    assert ready(graph) == [many.key, few.key]


def test_what_lost_its_dependency_is_not_ready_until_that_is_there_again(store: Store) -> None:
    graph = Graph([D, E, F], store)
    for recipe in (A, B):
        graph.begin(recipe.key)
        graph.finish(recipe.key)
    graph.begin(D.key)
    assert ready(graph) == sorted(keys(C, F), key=graph.rank)
    graph.put_back(D.key)
    graph.want(A)  # D found it damaged
    graph.want(B)
    graph.take_ready()
    assert ready(graph) == [A.key, F.key], "C had been ready"
    graph.begin(A.key)
    graph.finish(A.key)
    assert keys(*graph.take_ready()) == keys(B, C)
    graph.begin(B.key)
    graph.finish(B.key)
    assert keys(*graph.take_ready()) == keys(D)


def test_what_failed_is_not_wanted_again(store: Store) -> None:
    graph = Graph([D], store)
    graph.fail(A.key, "why")
    graph.want(A)
    assert not graph.open


@settings(max_examples=20)
@given(data=st.data())
def test_any_order_of_ready_work_builds_everything_once(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    store = Store(Path(mkdtemp(dir=tmp_path_factory.getbasetemp())))
    store.prepare()
    graph = Graph([D, E, F], store)
    done: list[str] = []
    told: set[str] = set()
    while graph.open:
        told |= keys(*graph.take_ready())
        able = ready(graph)
        assert told.issuperset(able), "what is ready was not said"
        recipe = graph.recipes[data.draw(st.sampled_from(able))]
        graph.begin(recipe.key)
        build(store, recipe)  # raises if a dependency is not there
        graph.finish(recipe.key)
        done.append(recipe.key)
    assert sorted(done) == sorted(keys(A, B, C, D, E, F))

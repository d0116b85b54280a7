"""Results of threads come in the order of the items, and errors when they are due."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import pytest

from suite.datasets.in_threads import AHEAD, MOST_THREADS, TASK_SECONDS, in_threads


def test_results_are_in_order_although_later_items_are_faster() -> None:
    def wait(item: int) -> int:
        time.sleep(0.02 if item % 5 == 0 else 0)
        return 2 * item

    assert list(in_threads(wait, range(40))) == [2 * item for item in range(40)]


def test_an_error_is_raised_after_the_results_before_it() -> None:
    results = in_threads(lambda item: 1 // item, [1, 1, 0, 1])
    assert [next(results), next(results)] == [1, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_only_a_few_items_are_taken_ahead() -> None:
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for item in range(10_000):
            taken += 1
            yield item

    results = in_threads(str, items())
    next(results)
    assert taken < 100
    results.close()  # type: ignore[attr-defined]


def test_an_error_among_items_that_are_worked_on_together_comes_after_the_results_before_it() -> None:
    results = in_threads(lambda item: 1 // (item - 777), range(2000))
    assert len(list(islice(results, 777))) == 777
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_slow_items_are_worked_on_one_at_a_time() -> None:
    """Large images would fill the memory."""
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for item in range(300):
            taken += 1
            yield item

    limit = (AHEAD + 1) * MOST_THREADS
    for number, _ in enumerate(in_threads(lambda _: time.sleep(2 * TASK_SECONDS), items())):
        assert taken <= number + limit


def test_quick_items_are_worked_on_together(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = 0

    class CountingPool(ThreadPoolExecutor):
        def submit(self, *arguments: Any) -> Any:
            nonlocal tasks
            tasks += 1
            return super().submit(*arguments)

    monkeypatch.setattr("suite.datasets.in_threads.ThreadPoolExecutor", CountingPool)
    assert list(in_threads(lambda item: item, range(5000))) == list(range(5000))
    assert tasks < 2500

"""Apply a function to many items in a few threads, for decoding and hashing, which release Python's lock."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

MOST_THREADS = 8
AHEAD = 4  # tasks per thread that are worked on before their results are asked for; they wait in memory
TASK_SECONDS = 0.002  # small images are passed to a thread together: passing one takes as long as hashing it
MOST_ITEMS = 32  # of a task


def in_threads(function: Callable[[ItemT], ResultT], items: Iterable[ItemT]) -> Iterator[ResultT]:
    """Yield the result of a function for each item, in the order of the items.

    Args:
        function: The function; an exception that it raises is raised when its result is due.
        items: The items; they are taken in this thread.
    """

    def work(task: Sequence[ItemT]) -> tuple[list[ResultT], Exception | None, float]:
        started, results = time.perf_counter(), []
        try:
            for item in task:
                results.append(function(item))  # noqa: PERF401 - keeps the results before an error
        except Exception as error:
            return results, error, 0.0
        return results, None, time.perf_counter() - started

    threads, number = min(MOST_THREADS, os.cpu_count() or 1), 1
    remaining = iter(items)
    waiting: deque[Future[tuple[list[ResultT], Exception | None, float]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            while True:
                if task := list(islice(remaining, number)):
                    waiting.append(pool.submit(work, task))
                elif not waiting:
                    return
                if not task or len(waiting) > AHEAD * threads:
                    results, error, seconds = waiting.popleft().result()
                    number = min(MOST_ITEMS, 2 * number) if seconds < TASK_SECONDS else max(1, number // 2)
                    yield from results
                    if error is not None:
                        raise error
        finally:
            for future in waiting:
                future.cancel()

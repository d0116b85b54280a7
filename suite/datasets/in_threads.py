"""Apply a function to many items in a few threads, for decoding and hashing, which release Python's lock."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

MOST_THREADS = 8
AHEAD = 4  # items per thread that are worked on before their results are asked for; they wait in memory


def in_threads(function: Callable[[ItemT], ResultT], items: Iterable[ItemT]) -> Iterator[ResultT]:
    """Yield the result of a function for each item, in the order of the items.

    Args:
        function: The function; an exception that it raises is raised when its result is due.
        items: The items; they are taken in this thread.
    """
    threads = min(MOST_THREADS, os.cpu_count() or 1)
    waiting: deque[Future[ResultT]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > AHEAD * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

"""A process for every build, forked from a server that has the heavy imports done."""

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from multiprocessing.connection import wait
from typing import Any

from suite.artifacts import DataPaths, Recipe, Store
from suite.engines.fork_server import Server
from suite.engines.messages import Advanced, Answer, Message, Started
from suite.engines.worker import work

_server = Server(work)


class BuildProcess:
    """One build in a process of its own, whichever engine wants it.

    So a dead worker is the failure of one recipe, its peak memory a fact of one recipe, and no setting of a library
    outlives the build that made it.

    It waits until ``begin`` tells it what to build, so that an engine can have the next one ready before it is needed.

    Args:
        modules: What it has imported before it is there.

    Attributes:
        answer: How it ended; None while it goes on.
    """

    def __init__(self, modules: Iterable[str] = ()) -> None:
        self.answer: Answer | None = None
        self._modules = frozenset(modules)
        self._has_all = _server.is_through
        self._forked = _server.fork(sorted(self._modules))

    def begin(
        self,
        recipe: Recipe,
        store: Store,
        device: str,
        data_paths: DataPaths,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Let it build.

        Args:
            recipe: What to build.
            store: Where artifacts are.
            device: Name of the torch device to compute on.
            data_paths: Where data lies.
            environment: Variables that the process gets beside those of every build.
        """
        with suppress(OSError):  # it was killed while it waited: ``poll`` tells so
            self._forked.pipe.send((store, recipe, device, data_paths, dict(environment or {})))

    def is_ready_for(self, recipe: Recipe) -> bool:
        """Return whether it waits, with what a recipe needs or on its way to that; one that has died does not."""
        return (self._has_all or self._modules.issuperset(recipe.needed)) and not self._forked.pipe.poll()

    def poll(self) -> list[Message]:
        """Return what was said since the last call; the last word of all is the answer, after which it ends itself."""
        said: list[Message] = []
        while self.answer is None and (message := self._forked.poll()) is not None:
            if not isinstance(message, Started | Advanced):
                self.answer = message
            said.append(message)
        return said

    def end(self) -> None:
        """End the process, whatever it is doing; one that has begun is gone then, and its checkpoints stay."""
        self._forked.end()


def expect(modules: Iterable[str]) -> None:
    """Have modules imported for the processes to come, while nothing else is asked for."""
    _server.expect(modules)


def wait_for(processes: Iterable[BuildProcess], seconds: float) -> list[BuildProcess]:
    """Return the processes that have something to say, as soon as there is one or ``seconds`` are over."""
    of: dict[Any, BuildProcess] = {one._forked.pipe: one for one in processes}
    if not of:
        time.sleep(seconds)
    return [of[pipe] for pipe in wait(of, seconds)]

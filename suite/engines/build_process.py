"""One process per build, forked from a server that has already imported the heavy modules."""

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from multiprocessing.connection import wait
from typing import Any

from suite.artifacts import DataPaths, Recipe, Store
from suite.engines.fork_server import ForkServer
from suite.engines.messages import Message, Outcome, Progressed, Started
from suite.engines.worker import run_worker

_server = ForkServer(run_worker)


class BuildProcess:
    """A process for one build, used by all engines.

    With one process per build, a worker that dies fails one recipe only, the peak memory belongs to one recipe, and
    library settings do not carry over to the next build.

    The process waits until ``start``, so that an engine can create it before it is needed.

    Args:
        modules: Modules that are imported before the process is forked.

    Attributes:
        outcome: How the build ended; None while it runs.
    """

    def __init__(self, modules: Iterable[str] = ()) -> None:
        self.outcome: Outcome | None = None
        self._modules = frozenset(modules)
        self._has_all = _server.has_preloaded
        self._forked = _server.fork(sorted(self._modules))

    def start(
        self,
        recipe: Recipe,
        store: Store,
        device: str,
        data_paths: DataPaths,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start the build.

        Args:
            recipe: Recipe to build.
            store: Store to read from and publish to.
            device: Name of the torch device to compute on.
            data_paths: Where data and caches are.
            environment: Environment variables for this process in addition to those of every build.
        """
        with suppress(OSError):  # it was killed while it waited; ``poll`` reports that
            self._forked.pipe.send((store, recipe, device, data_paths, dict(environment or {})))

    def is_ready_for(self, recipe: Recipe) -> bool:
        """Return whether the process waits and has, or is about to have, the modules of a recipe; False if it died."""
        has_modules = self._has_all or self._modules.issuperset(recipe.required_modules)
        return has_modules and not self._forked.pipe.poll()

    def poll(self) -> list[Message]:
        """Return the messages since the last call. The last message is the outcome; then the process exits."""
        messages: list[Message] = []
        while self.outcome is None and (message := self._forked.poll()) is not None:
            if not isinstance(message, Started | Progressed):
                self.outcome = message
            messages.append(message)
        return messages

    def stop(self) -> None:
        """Stop the process. If it has started building, it has exited on return; its checkpoints are kept."""
        self._forked.stop()


def preload(modules: Iterable[str]) -> None:
    """Import modules for future processes while no process is requested."""
    _server.preload(modules)


def wait_for(processes: Iterable[BuildProcess], seconds: float) -> list[BuildProcess]:
    """Wait for messages.

    Args:
        processes: Processes to wait for.
        seconds: How long to wait at most.

    Returns:
        The processes with messages, as soon as there is one; empty if the time is up.
    """
    by_pipe: dict[Any, BuildProcess] = {process._forked.pipe: process for process in processes}
    if not by_pipe:
        time.sleep(seconds)
    return [by_pipe[pipe] for pipe in wait(by_pipe, seconds)]

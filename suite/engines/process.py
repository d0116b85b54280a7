"""A process for every build, forked from a server that has the heavy imports done."""

import multiprocessing
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerContext

from suite.artifacts import Places, Recipe, Store
from suite.engines.messages import Advanced, Answer, Died, Message, Started
from suite.engines.worker import work

ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",  # of libraries beside torch, whose threads the recipe sets
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "passive",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",  # without it CUDA's matrix products are not repeatable
    "TOKENIZERS_PARALLELISM": "false",
}


class BuildProcess:
    """One build in a process of its own, whichever engine wants it.

    So a dead worker is the failure of one recipe, its peak memory a fact of one recipe, and no setting of a library
    outlives the build that made it.

    It waits until ``begin`` tells it what to build, so that an engine can have the next one ready before it is needed.

    Attributes:
        answer: How it ended; None while it goes on.
    """

    def __init__(self) -> None:
        self.answer: Answer | None = None
        self._pipe, theirs = _context().Pipe()
        self._process = _context().Process(target=work, args=(theirs,), daemon=True)
        with _environment():  # the server reads it when it starts, the first time
            self._process.start()
        theirs.close()

    def begin(
        self, recipe: Recipe, store: Store, device: str, places: Places, environment: Mapping[str, str] | None = None
    ) -> None:
        """Let it build.

        Args:
            recipe: What to build.
            store: Where artifacts are.
            device: Name of the torch device to compute on.
            places: Where data lies.
            environment: Variables that the process gets beside those of every build.
        """
        with suppress(OSError):  # it was killed while it waited: ``hear`` tells so
            self._pipe.send((store, recipe, device, places, dict(environment or {})))

    @property
    def is_alive(self) -> bool:
        """Whether the process is there."""
        return self._process.is_alive()

    def hear(self) -> list[Message]:
        """Return what was said since the last call; the last word of all is the answer, after which it ends itself."""
        said: list[Message] = []
        alive = self._process.is_alive()  # asked first: what it said before it ended is in the pipe
        while self.answer is None and self._pipe.poll():
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                break
            if not isinstance(message, Started | Advanced):
                self.answer = message
            said.append(message)
        if self.answer is None and not alive:
            code = self._process.exitcode
            self.answer = Died(f"its process ended with exit code {code} (-9 is most often a lack of memory)")
            said.append(self.answer)
        if self.answer is not None:
            self._pipe.close()
        return said

    def end(self) -> None:
        """End the process, whatever it is doing; its checkpoints stay."""
        self._process.kill()
        self._process.join()


def preload(imports: Iterable[str]) -> None:
    """Have modules ready in every process from now on; heeded until the first of them starts."""
    _context().set_forkserver_preload(["pytest", *sorted(set(imports)), "suite.engines.ready"])


def wait_for(processes: Iterable[BuildProcess], seconds: float) -> list[BuildProcess]:
    """Return the processes that have something to say, as soon as there is one or ``seconds`` are over."""
    handles = {handle: one for one in processes for handle in (one._pipe, one._process.sentinel)}
    if not handles:
        time.sleep(seconds)
    return list(dict.fromkeys(handles[handle] for handle in wait(handles, seconds)))  # type: ignore[index]


def _context() -> ForkServerContext:
    return multiprocessing.get_context("forkserver")


@contextmanager
def _environment() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)

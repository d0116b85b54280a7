"""The local engine: worker processes on this machine, forked from a server with the heavy imports done."""

import multiprocessing
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from threading import Event as Flag

from suite.artifacts import Places, Recipe, Store
from suite.engines.engine import Engine, Event, Happening, Listener
from suite.engines.graph import Graph
from suite.engines.worker import work

TRIES = 3
SECONDS_BETWEEN_LOOKS = 0.2
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",  # of libraries beside torch, whose threads the recipe sets
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "passive",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",  # without it CUDA's matrix products are not repeatable
    "TOKENIZERS_PARALLELISM": "false",
}


@dataclass
class _Running:
    recipe: Recipe
    process: ForkServerProcess
    pipe: Connection
    device: str
    answer: tuple[object, ...] | None = None


class LocalEngine(Engine):
    """Builds independent recipes side by side, each in a process of its own.

    A process per build makes a dead worker the failure of one recipe, and its peak memory a fact of one recipe.

    Args:
        store: Where artifacts are.
        places: Where data lies.
        devices: One worker a device; a device may stand in the list more than once.
    """

    def __init__(self, store: Store, places: Places, devices: tuple[str, ...]) -> None:
        self.store = store
        self.places = places
        self.devices = devices

    def run(self, targets: Iterable[Recipe], listen: Listener, stop: Flag) -> dict[str, str]:
        """Build what is missing; see ``Engine.run``."""
        graph = Graph(targets, self.store)
        for key, recipe in graph.recipes.items():
            if key not in graph.waiting and self.store.find(recipe) is not None:
                listen(Event(Happening.CACHED, recipe))
        if graph.open:
            _Shift(self, graph, listen).work(stop)
        return graph.failed


class _Shift:
    """One run of the engine: who works on what, until nothing is left."""

    def __init__(self, engine: LocalEngine, graph: Graph, listen: Listener) -> None:
        self.engine = engine
        self.graph = graph
        self.listen = listen
        self.running: list[_Running] = []
        self.idle = list(engine.devices)
        self.not_before: dict[str, float] = {}
        self.tries: dict[str, int] = {}
        self.context = multiprocessing.get_context("forkserver")
        heavy = {name for key in graph.waiting for name in graph.recipes[key].imports}
        self.context.set_forkserver_preload(["pytest", "suite.engines.worker", *sorted(heavy)])

    def work(self, stop: Flag) -> None:
        try:
            while self.graph.open and not stop.is_set():
                self._begin()
                ready = wait([handle for one in self.running for handle in (one.pipe, one.process.sentinel)], 0.2)
                for one in list(self.running):
                    if one.pipe in ready or one.process.sentinel in ready:
                        self._hear(one)
                if not self.running:
                    time.sleep(SECONDS_BETWEEN_LOOKS)
        finally:
            for one in self.running:
                one.process.kill()
                one.process.join()

    def _begin(self) -> None:
        now = time.monotonic()
        for recipe in self.graph.ready():
            if not self.idle:
                return
            if self.not_before.get(recipe.key, 0.0) > now:
                continue
            if self.engine.store.find(recipe) is not None:  # another process was quicker
                self.graph.finish(recipe.key)
                self.listen(Event(Happening.CACHED, recipe))
                continue
            self._start(recipe)

    def _start(self, recipe: Recipe) -> None:
        device = self.idle.pop(0)
        ours, theirs = self.context.Pipe()
        arguments = (theirs, self.engine.store, recipe, device, self.engine.places)
        process = self.context.Process(target=work, args=arguments, name=recipe.label, daemon=True)
        before = {name: os.environ.get(name) for name in ENVIRONMENT}
        os.environ.update(ENVIRONMENT)  # the server reads it when it starts, the first time
        try:
            process.start()
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
        theirs.close()
        self.running.append(_Running(recipe, process, ours, device))
        self.graph.begin(recipe.key)
        self.listen(Event(Happening.STARTED, recipe))

    def _hear(self, one: _Running) -> None:
        while one.answer is None and one.pipe.poll():
            try:
                message = one.pipe.recv()
            except (EOFError, OSError):
                break
            if message[0] == "progress":
                self.listen(Event(Happening.PROGRESS, one.recipe, done=message[1], total=message[2]))
            else:
                one.answer = message
        if one.answer is None and one.process.is_alive():
            return
        one.pipe.close()
        one.process.join()
        self.running.remove(one)
        self.idle.append(one.device)
        self._conclude(one.recipe, one.answer or ("died", one.process.exitcode))

    def _conclude(self, recipe: Recipe, answer: tuple[object, ...]) -> None:
        match answer:
            case ("built", float(seconds)):
                self.graph.finish(recipe.key)
                self.listen(Event(Happening.BUILT, recipe, seconds=seconds))
            case ("busy",):
                self.not_before[recipe.key] = time.monotonic() + SECONDS_BETWEEN_LOOKS
                self.graph.put_back(recipe.key)
            case ("lost", str(key), str(message)):
                self._mend(recipe, key, message)
            case ("failed", str(message)):
                self._fail(recipe, message)
            case ("died", code):
                self._fail(recipe, f"its process ended with exit code {code} (-9 is most often a lack of memory)")
            case _:
                self._fail(recipe, f"its process said {answer!r}")

    def _mend(self, recipe: Recipe, key: str, message: str) -> None:
        self.tries[key] = self.tries.get(key, 0) + 1
        lost = self.graph.recipes.get(key)
        if lost is None or self.tries[key] > TRIES:
            self._fail(recipe, message)
            return
        aside = self.engine.store.set_aside(key)
        self.listen(Event(Happening.DAMAGED, lost, f"{message}; set aside as {aside}" if aside else message))
        self.graph.put_back(recipe.key)
        self.graph.want(lost)

    def _fail(self, recipe: Recipe, message: str) -> None:
        for lost in self.graph.fail(recipe.key, f"{recipe.label}: {message}"):
            self.listen(Event(Happening.FAILED, lost, self.graph.failed[lost.key]))

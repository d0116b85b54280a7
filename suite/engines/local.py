"""The local engine: worker processes on this machine."""

from collections.abc import Hashable, Iterable
from threading import Event as Flag

from suite.artifacts import DataPaths, Recipe, Store
from suite.engines.build_process import BuildProcess, expect, wait_for
from suite.engines.engine import Engine, Listener
from suite.engines.graph import Graph
from suite.engines.messages import Message
from suite.engines.scheduler import Scheduler
from suite.engines.worker_pool import WorkerPool


class LocalEngine(Engine):
    """Builds independent recipes side by side, each in a process of its own.

    Args:
        store: Where artifacts are.
        data_paths: Where data lies.
        devices: One worker a device; a device may stand in the list more than once. What computes on no GPU is built
            beside them, by as many workers on the processor.
    """

    def __init__(self, store: Store, data_paths: DataPaths, devices: tuple[str, ...]) -> None:
        self.store = store
        self.data_paths = data_paths
        self.devices = devices

    def warm_up(self) -> None:
        """Have imported what nearly every build needs."""
        expect(("torch",))

    def run(self, targets: Iterable[Recipe], listen: Listener, stop: Flag) -> dict[str, str]:
        """Build what is missing; see ``Engine.run``."""
        graph = Graph(targets, self.store)
        return Scheduler(graph, listen).work(lambda: _Processes(self, graph.imports), stop)


class _Processes(WorkerPool):
    """One process a device, and one beside each GPU."""

    def __init__(self, engine: LocalEngine, imports: Iterable[str]) -> None:
        self._engine = engine
        self._running: dict[BuildProcess, tuple[Recipe, str]] = {}
        self._device = _kind(engine.devices[0])
        self._idle = {"cpu": ["cpu"] * len(engine.devices), self._device: list(engine.devices)}
        self._needed: set[str] = set()  # by what was begun so far
        self._next: BuildProcess | None = None
        expect(imports)

    def kind(self, recipe: Recipe) -> str:
        return self._device if recipe.resources.gpus else "cpu"

    def has_capacity(self, kind: Hashable) -> bool:
        assert isinstance(kind, str)
        return bool(self._idle[kind])

    def start(self, recipe: Recipe) -> None:
        self._needed |= set(recipe.needed)
        process = self._next
        if process is None or not process.is_ready_for(recipe):
            process = BuildProcess(self._needed)
        device = self._idle[self.kind(recipe)].pop(0)
        process.begin(recipe, self._engine.store, device, self._engine.data_paths)
        self._running[process] = recipe, device
        self._next = BuildProcess(self._needed)  # is made while this one works

    def poll(self, seconds: float) -> list[tuple[Recipe, Message]]:
        said = []
        for one in wait_for(self._running, seconds):
            recipe, device = self._running[one]
            said += [(recipe, message) for message in one.poll()]
            if one.answer is not None:
                del self._running[one]
                self._idle[_kind(device)].append(device)
                if device != "cpu":
                    one.end()  # the device has its memory back only when the process is gone
        return said

    def end(self) -> None:
        for one in (*self._running, self._next):
            if one is not None:
                one.end()


def _kind(device: str) -> str:
    return device.partition(":")[0]

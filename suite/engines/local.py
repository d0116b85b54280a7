"""The local engine: worker processes on this machine."""

import threading
from collections.abc import Hashable, Iterable

from suite.artifacts import DataPaths, Recipe, Store
from suite.engines.build import device_kind
from suite.engines.build_process import BuildProcess, preload, wait_for
from suite.engines.engine import Engine, EventCallback
from suite.engines.graph import Graph
from suite.engines.messages import Message
from suite.engines.scheduler import Scheduler
from suite.engines.worker_pool import WorkerPool


class LocalEngine(Engine):
    """Builds independent recipes in parallel, each in its own process.

    Args:
        store: Store to read from and publish to.
        data_paths: Where data and caches are.
        devices: Device of each worker; a device may occur more than once. If they are GPUs, the same number of workers
            on the CPU builds the recipes that use no GPU.
    """

    def __init__(self, store: Store, data_paths: DataPaths, devices: tuple[str, ...]) -> None:
        self.store = store
        self.data_paths = data_paths
        self.devices = devices

    def warm_up(self) -> None:
        """Preload torch, which nearly every build imports."""
        preload(("torch",))

    def run(self, targets: Iterable[Recipe], on_event: EventCallback, stop: threading.Event) -> dict[str, str]:
        """Build what is missing; see ``Engine.run``."""
        graph = Graph(targets, self.store)
        return Scheduler(graph, on_event).run(lambda: _ProcessPool(self, graph.imports), stop)


class _ProcessPool(WorkerPool):
    """One process per device, and one on the CPU beside each GPU."""

    def __init__(self, engine: LocalEngine, imports: Iterable[str]) -> None:
        self._engine = engine
        self._running: dict[BuildProcess, tuple[Recipe, str]] = {}
        self._device_kind = device_kind(engine.devices[0])
        self._idle = {"cpu": ["cpu"] * len(engine.devices), self._device_kind: list(engine.devices)}
        self._modules: set[str] = set()  # of all builds started so far
        self._next: BuildProcess | None = None
        preload(imports)

    def resource_class(self, recipe: Recipe) -> str:
        return self._device_kind if recipe.resources.gpus else "cpu"

    def has_capacity(self, resource_class: Hashable) -> bool:
        assert isinstance(resource_class, str)
        return bool(self._idle[resource_class])

    def start(self, recipe: Recipe) -> None:
        self._modules |= set(recipe.required_modules)
        process = self._next
        if process is None or not process.is_ready_for(recipe):
            process = BuildProcess(self._modules)
        device = self._idle[self.resource_class(recipe)].pop(0)
        process.start(recipe, self._engine.store, device, self._engine.data_paths)
        self._running[process] = recipe, device
        self._next = BuildProcess(self._modules)  # is forked while this one builds

    def poll(self, seconds: float) -> list[tuple[Recipe, Message]]:
        messages = []
        for process in wait_for(self._running, seconds):
            recipe, device = self._running[process]
            messages += [(recipe, message) for message in process.poll()]
            if process.outcome is not None:
                del self._running[process]
                self._idle[device_kind(device)].append(device)
                if device != "cpu":
                    process.stop()  # the memory of a GPU is only free once the process has exited
        return messages

    def stop(self) -> None:
        for process in (*self._running, self._next):
            if process is not None:
                process.stop()

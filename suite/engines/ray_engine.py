"""The Ray engine: one task per recipe on a cluster, with a store that every node can access."""

import threading
import time
from collections import Counter
from collections.abc import Hashable, Iterable
from contextlib import suppress
from math import inf
from typing import Any

from suite.artifacts import DataPaths, Recipe, Store
from suite.engines.capacity import Capacity
from suite.engines.engine import Engine, EventCallback
from suite.engines.graph import Graph
from suite.engines.messages import Built, Failed, Message, Progressed, Started, WorkerDied
from suite.engines.ray_cluster import connect, nodes
from suite.engines.ray_task import VISIBILITY_SECONDS, BuildTask, run_task, versions_to_match
from suite.engines.scheduler import Scheduler
from suite.engines.worker_pool import WorkerPool
from suite.errors import UsageError

SECONDS_BETWEEN_NODE_UPDATES = 5.0
QUEUE_FACTOR = 2  # more tasks of a resource class than fit are submitted, so that an idle node finds a task at once


class RayEngine(Engine):
    """Builds on a Ray cluster. The process that uses this engine, the driver, reads the artifacts from the store.

    Args:
        store: Store, under the same path on every node.
        data_paths: Where data and caches are, under the same paths on every node.
        device: ``auto``, ``cpu`` or ``cuda``; ``auto`` is ``cuda`` if the cluster has a GPU.
        address: ``auto`` for the cluster that this machine is a node of, or ``HOST:PORT``.
        jobs: Maximum number of simultaneous builds; None for as many as the cluster has capacity for.

    Raises:
        UsageError: If Ray is not installed, the cluster cannot be connected to, or no node has the device.
    """

    def __init__(
        self,
        store: Store,
        data_paths: DataPaths,
        *,
        device: str = "auto",
        address: str = "auto",
        jobs: int | None = None,
    ) -> None:
        connect(address)
        has_gpus = any(node.gpus for node in nodes())
        if device == "cuda" and not has_gpus:
            raise UsageError("--device cuda: no node of the Ray cluster has a GPU: add one, or choose --device cpu")
        self.store = store
        self.data_paths = data_paths
        self.device = "cuda" if has_gpus and device != "cpu" else "cpu"
        self.jobs = jobs

    def run(self, targets: Iterable[Recipe], on_event: EventCallback, stop: threading.Event) -> dict[str, str]:
        """Build what is missing; see ``Engine.run``."""
        graph = Graph(targets, self.store)
        return Scheduler(graph, on_event).run(lambda: _TaskPool(self, graph.imports), stop)


class _TaskPool(WorkerPool):
    """Tasks on the cluster, a few more than it has capacity for, so that no node waits for the driver."""

    max_attempts = 5  # nodes may be preempted, spot instances above all; each attempt resumes from the last checkpoint

    def __init__(self, engine: RayEngine, imports: Iterable[str]) -> None:
        import ray

        self._engine = engine
        self._imports = tuple(imports)
        self._remote_function = ray.remote(run_task)
        self._versions = versions_to_match()
        self._running: dict[Any, tuple[Recipe, Hashable]] = {}
        self._running_count: Counter[Hashable] = Counter()
        self._messages: list[tuple[Recipe, Message]] = []
        self._not_visible: list[tuple[float, Recipe, Built]] = []
        self._known_nodes: set[Capacity] = set()
        self._nodes: list[Capacity] = []
        self._limits: dict[Hashable, float] = {}
        self._last_node_update = -SECONDS_BETWEEN_NODE_UPDATES
        self._update_nodes()

    def resource_class(self, recipe: Recipe) -> Capacity:
        return Capacity.for_recipe(recipe, self._engine.device)

    def has_capacity(self, resource_class: Hashable) -> bool:
        assert isinstance(resource_class, Capacity)
        if self._engine.jobs is not None:
            return len(self._running) < self._engine.jobs
        self._update_nodes()
        if resource_class not in self._limits:
            request = resource_class.limited_to(self._known_nodes)
            limit = inf if request is None else QUEUE_FACTOR * (request.count_in(self._nodes) + 1)
            self._limits[resource_class] = limit
        return self._running_count[resource_class] < self._limits[resource_class]

    def start(self, recipe: Recipe) -> None:
        resource_class = self.resource_class(recipe)
        request = resource_class.limited_to(self._known_nodes)
        if request is None:
            reason = f"no node of the Ray cluster has the {resource_class} that it needs: add one"
            self._messages.append((recipe, Failed(reason)))
            return
        task = BuildTask(
            recipe=recipe,
            store=self._engine.store,
            device="cuda" if request.gpus else "cpu",
            data_paths=self._engine.data_paths,
            imports=self._imports,
            versions=self._versions,
        )
        reference = self._remote_function.options(
            name=recipe.label,
            num_cpus=request.cpus,
            num_gpus=request.gpus,
            memory=int(request.memory),
            max_retries=0,
        ).remote(task)
        self._running[reference] = recipe, resource_class
        self._running_count[resource_class] += 1

    def poll(self, seconds: float) -> list[tuple[Recipe, Message]]:
        import ray

        if self._running:
            references = list(self._running)
            ready, _ = ray.wait(references, timeout=0 if self._messages else seconds)
            if ready:
                ready, _ = ray.wait(references, num_returns=len(references), timeout=0)
            for reference in ready:
                self._handle(reference, _next_message(reference))
        elif not self._messages:
            time.sleep(seconds)
        self._report_visible_artifacts()
        messages, self._messages = self._messages, []
        return messages

    def stop(self) -> None:
        import ray

        for reference in self._running:
            with suppress(ray.exceptions.RayError, RuntimeError):  # the cluster may no longer exist
                ray.cancel(reference, force=True)

    def _handle(self, reference: Any, message: Message) -> None:
        recipe, resource_class = self._running[reference]
        if not isinstance(message, Started | Progressed):
            del self._running[reference]
            self._running_count[resource_class] -= 1
        if isinstance(message, Built):
            self._not_visible.append((time.monotonic() + VISIBILITY_SECONDS, recipe, message))
        else:
            self._messages.append((recipe, message))

    def _report_visible_artifacts(self) -> None:
        """Pass on ``Built`` messages whose artifacts the store shows on this machine too."""
        store, pending, self._not_visible = self._engine.store, self._not_visible, []
        reason = f"a node built it, but store {store.root} on this machine lacks it: choose one that every node shares"
        for end, recipe, message in pending:
            if store.find(recipe) is not None:
                self._messages.append((recipe, message))
            elif time.monotonic() < end:
                self._not_visible.append((end, recipe, message))
            else:
                self._messages.append((recipe, Failed(reason)))

    def _update_nodes(self) -> None:
        if time.monotonic() - self._last_node_update >= SECONDS_BETWEEN_NODE_UPDATES:
            self._last_node_update = time.monotonic()
            self._nodes = nodes()
            self._limits.clear()
            self._known_nodes.update(self._nodes)  # a node that left may come back, so its capacity is waited for


def _next_message(reference: Any) -> Message:
    """Return the next message of a ready task; an error of Ray becomes an outcome."""
    import ray

    try:
        message: Message = ray.get(next(reference))
    except StopIteration:
        return WorkerDied("its task ended without an outcome")
    except (ray.exceptions.RayTaskError, ray.exceptions.RuntimeEnvSetupError) as error:
        lines = str(getattr(error, "cause", None) or error).strip().splitlines() or [type(error).__name__]
        return Failed(f"its node could not start: {lines[-1].strip()}")
    except ray.exceptions.RayError as error:
        return WorkerDied(" ".join(str(error).split()).partition(". ")[0] or type(error).__name__)
    return message

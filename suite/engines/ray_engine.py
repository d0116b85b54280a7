"""The Ray engine: the same plan on a cluster, a task a recipe, over a store that every node sees."""

import time
from collections import Counter
from collections.abc import Hashable, Iterable
from contextlib import suppress
from math import inf
from threading import Event as Flag
from typing import Any

from suite.artifacts import DataPaths, Recipe, Store
from suite.engines.capacity import Capacity
from suite.engines.engine import Engine, Listener
from suite.engines.graph import Graph
from suite.engines.messages import Advanced, Built, Failed, Message, Started, WorkerDied
from suite.engines.ray_cluster import connect, nodes
from suite.engines.ray_task import SECONDS_UNTIL_SEEN, Job, release, run_job
from suite.engines.scheduler import Scheduler
from suite.engines.worker_pool import WorkerPool
from suite.errors import UsageError

SECONDS_BETWEEN_COUNTS = 5.0
AHEAD = 2  # tasks of a kind that wait on the cluster, so that a node that is done finds work


class RayEngine(Engine):
    """Builds on a Ray cluster. Who reads the tables does so where the run was started, from the shared store.

    Args:
        store: Where artifacts are, under the same path on every node.
        data_paths: Where data lies, under the same paths on every node.
        device: ``auto``, ``cpu`` or ``cuda``; ``auto`` is ``cuda`` on a cluster with a GPU.
        address: ``auto`` for the cluster that this machine is a node of, or ``HOST:PORT``.
        jobs: Builds at once, at most; None for as many as there is room for.

    Raises:
        UsageError: If Ray is not installed, no cluster answers at the address, or none of its nodes has the device.
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
        gpus = any(node.gpus for node in nodes())
        if device == "cuda" and not gpus:
            raise UsageError("--device cuda: no node of the Ray cluster has a GPU: add one, or choose --device cpu")
        self.store = store
        self.data_paths = data_paths
        self.device = "cuda" if gpus and device != "cpu" else "cpu"
        self.jobs = jobs

    def run(self, targets: Iterable[Recipe], listen: Listener, stop: Flag) -> dict[str, str]:
        """Build what is missing; see ``Engine.run``."""
        graph = Graph(targets, self.store)
        return Scheduler(graph, listen).work(lambda: _Tasks(self, graph.imports), stop)


class _Tasks(WorkerPool):
    """Tasks on the cluster; a few more than there is room for, so that no node waits for the driver."""

    lives = 5  # nodes come and go, above all cheap ones; each try goes on from the last checkpoint

    def __init__(self, engine: RayEngine, imports: Iterable[str]) -> None:
        import ray

        self._engine = engine
        self._imports = tuple(imports)
        self._task = ray.remote(run_job)
        self._release = release()
        self._running: dict[Any, tuple[Recipe, Hashable]] = {}
        self._at_work: Counter[Hashable] = Counter()
        self._said: list[tuple[Recipe, Message]] = []
        self._arriving: list[tuple[float, Recipe, Built]] = []
        self._seen: set[Capacity] = set()
        self._nodes: list[Capacity] = []
        self._most: dict[Hashable, float] = {}
        self._counted = -SECONDS_BETWEEN_COUNTS
        self._count()

    def kind(self, recipe: Recipe) -> Capacity:
        return Capacity.for_recipe(recipe, self._engine.device)

    def has_capacity(self, kind: Hashable) -> bool:
        assert isinstance(kind, Capacity)
        if self._engine.jobs is not None:
            return len(self._running) < self._engine.jobs
        self._count()
        if kind not in self._most:
            asked = kind.within(self._seen)
            self._most[kind] = inf if asked is None else AHEAD * (asked.times_in(self._nodes) + 1)
        return self._at_work[kind] < self._most[kind]

    def start(self, recipe: Recipe) -> None:
        kind = self.kind(recipe)
        asked = kind.within(self._seen)
        if asked is None:
            self._said.append((recipe, Failed(f"no node of the Ray cluster has the {kind} that it needs: add one")))
            return
        job = Job(
            recipe=recipe,
            store=self._engine.store,
            device="cuda" if asked.gpus else "cpu",
            data_paths=self._engine.data_paths,
            imports=self._imports,
            release=self._release,
        )
        task = self._task.options(
            name=recipe.label, num_cpus=asked.cpus, num_gpus=asked.gpus, memory=int(asked.memory), max_retries=0
        ).remote(job)
        self._running[task] = recipe, kind
        self._at_work[kind] += 1

    def poll(self, seconds: float) -> list[tuple[Recipe, Message]]:
        import ray

        if self._running:
            tasks = list(self._running)
            ready, _ = ray.wait(tasks, timeout=0 if self._said else seconds)
            if ready:
                ready, _ = ray.wait(tasks, num_returns=len(tasks), timeout=0)
            for task in ready:
                self._take(task, _next_word(task))
        elif not self._said:
            time.sleep(seconds)
        self._look_for_arrivals()
        said, self._said = self._said, []
        return said

    def end(self) -> None:
        import ray

        for task in self._running:
            with suppress(ray.exceptions.RayError, RuntimeError):  # the cluster may be gone
                ray.cancel(task, force=True)

    def _take(self, task: Any, message: Message) -> None:
        recipe, kind = self._running[task]
        if not isinstance(message, Started | Advanced):
            del self._running[task]
            self._at_work[kind] -= 1
        if isinstance(message, Built):
            self._arriving.append((time.monotonic() + SECONDS_UNTIL_SEEN, recipe, message))
        else:
            self._said.append((recipe, message))

    def _look_for_arrivals(self) -> None:
        """Say of what was built that it is, once the store shows it here too."""
        store, arriving, self._arriving = self._engine.store, self._arriving, []
        elsewhere = f"a node built it, and store {store.root} does not have it here: choose one that every node sees"
        for end, recipe, message in arriving:
            if store.find(recipe) is not None:
                self._said.append((recipe, message))
            elif time.monotonic() < end:
                self._arriving.append((end, recipe, message))
            else:
                self._said.append((recipe, Failed(elsewhere)))

    def _count(self) -> None:
        if time.monotonic() - self._counted >= SECONDS_BETWEEN_COUNTS:
            self._counted = time.monotonic()
            self._nodes = nodes()
            self._most.clear()
            self._seen.update(self._nodes)  # a node that went may come back: what it can do, is waited for


def _next_word(task: Any) -> Message:
    """Return what a task that is ready says next; what Ray itself says of it becomes an answer."""
    import ray

    try:
        message: Message = ray.get(next(task))
    except StopIteration:
        return WorkerDied("its task ended without an answer")
    except (ray.exceptions.RayTaskError, ray.exceptions.RuntimeEnvSetupError) as error:
        lines = str(getattr(error, "cause", None) or error).strip().splitlines() or [type(error).__name__]
        return Failed(f"its node could not begin: {lines[-1].strip()}")
    except ray.exceptions.RayError as error:
        return WorkerDied(" ".join(str(error).split()).partition(". ")[0] or type(error).__name__)
    return message

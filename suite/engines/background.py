"""Running an engine in a thread, and waiting for the artifacts it builds."""

import threading
from collections.abc import Callable, Iterable, Mapping

from suite.artifacts import Recipe
from suite.engines.engine import Engine, Event, EventKind
from suite.errors import SuiteError


class NotBuilt(SuiteError):  # noqa: N818
    """An artifact could not be built; the message names the step and the reason."""


class BackgroundRun:
    """Runs of an engine in its own thread.

    Args:
        engine: Engine to run.
        targets: Recipes whose artifacts are required.
        on_event: Called with every event, in the thread of the engine.
        failed: Key to reason, for recipes that failed in an earlier run and are not among the targets.
        next_targets: Called with the failed keys when all targets are built or failed, in the thread of the engine;
            returns the recipes to build next, none to end.
    """

    def __init__(
        self,
        engine: Engine,
        targets: Iterable[Recipe],
        on_event: Callable[[Event], None],
        failed: Mapping[str, str] | None = None,
        next_targets: Callable[[Mapping[str, str]], tuple[Recipe, ...]] = lambda _: (),
    ) -> None:
        self._engine = engine
        self._targets = tuple(targets)
        self._on_event = on_event
        self._next_targets = next_targets
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._available: set[str] = set()
        self._failed: dict[str, str] = dict(failed or {})
        self._finished = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    @property
    def failed(self) -> dict[str, str]:
        """Key to reason, for every recipe that could not be built."""
        with self._changed:
            return dict(self._failed)

    def wait(self, recipes: Iterable[Recipe], while_waiting: Callable[[], None]) -> None:
        """Wait until every recipe's artifact is in the store.

        Args:
            recipes: Some of the targets.
            while_waiting: Called several times a second.

        Raises:
            NotBuilt: If one of them cannot be built.
        """
        required = {recipe.key: recipe for recipe in recipes}
        with self._changed:
            while True:
                for key in required:
                    if key in self._failed:
                        raise NotBuilt(self._failed[key])
                if self._available.issuperset(required):
                    return
                if self._finished:
                    missing = next(required[key] for key in required if key not in self._available)
                    raise NotBuilt(f"{missing.label}: the engine stopped before it was built; start the run again")
                self._changed.wait(0.2)
                while_waiting()

    def request_stop(self) -> None:
        """Stop running builds, without waiting for the engine; checkpoints are kept for the next run."""
        self._stop.set()

    def stop(self) -> None:
        """Stop running builds and wait for the engine; checkpoints are kept for the next run."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        targets = self._targets
        try:
            while targets:
                self._add_failed(self._engine.run(targets, self._handle, self._stop))
                targets = () if self._stop.is_set() else self._next_targets(self.failed)
        except Exception as error:  # otherwise callers of wait() would wait forever
            reason = f"the engine failed: {type(error).__name__}: {error}"
            self._add_failed({target.key: reason for target in targets})
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def _add_failed(self, failed: Mapping[str, str]) -> None:
        with self._changed:
            self._failed |= {key: reason for key, reason in failed.items() if key not in self._available}
            self._changed.notify_all()

    def _handle(self, event: Event) -> None:
        self._on_event(event)
        with self._changed:
            if event.kind in (EventKind.CACHED, EventKind.BUILT):
                self._available.add(event.recipe.key)
            elif event.kind is EventKind.DAMAGED:
                self._available.discard(event.recipe.key)
            elif event.kind is EventKind.FAILED:
                self._failed[event.recipe.key] = event.message
            self._changed.notify_all()

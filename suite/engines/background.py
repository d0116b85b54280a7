"""An engine at work in the background, and waiting for what it makes."""

import threading
from collections.abc import Callable, Iterable, Mapping

from suite.artifacts import Recipe
from suite.engines.engine import Engine, Event, EventKind
from suite.errors import SuiteError


class NotBuilt(SuiteError):  # noqa: N818
    """An artifact that could not be made; the message says by which step and why."""


class BackgroundRun:
    """One run of an engine in a thread of its own.

    Args:
        engine: What builds.
        targets: Recipes wanted.
        listen: Hears every event.
        failed: Key to reason, for recipes that failed in an earlier run and are not among the targets.
    """

    def __init__(
        self,
        engine: Engine,
        targets: Iterable[Recipe],
        listen: Callable[[Event], None],
        failed: Mapping[str, str] | None = None,
    ) -> None:
        self._engine = engine
        self._targets = tuple(targets)
        self._listen = listen
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._there: set[str] = set()
        self._failed: dict[str, str] = dict(failed or {})
        self._over = False
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
            NotBuilt: If one of them cannot be made.
        """
        wanted = {recipe.key: recipe for recipe in recipes}
        with self._changed:
            while True:
                for key in wanted:
                    if key in self._failed:
                        raise NotBuilt(self._failed[key])
                if self._there.issuperset(wanted):
                    return
                if self._over:
                    missing = next(wanted[key] for key in wanted if key not in self._there)
                    raise NotBuilt(f"{missing.label}: the engine stopped before it was made; start the run again")
                self._changed.wait(0.2)
                while_waiting()

    def stop(self) -> None:
        """End what is running; checkpoints stay for the next run."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            failed = self._engine.run(self._targets, self._hear, self._stop)
        except Exception as error:  # a broken engine must not leave the tests waiting for ever
            failed = {target.key: f"the engine failed: {type(error).__name__}: {error}" for target in self._targets}
        with self._changed:
            self._failed |= {key: reason for key, reason in failed.items() if key not in self._there}
            self._over = True
            self._changed.notify_all()

    def _hear(self, event: Event) -> None:
        self._listen(event)
        with self._changed:
            if event.what in (EventKind.CACHED, EventKind.BUILT):
                self._there.add(event.recipe.key)
            elif event.what is EventKind.DAMAGED:
                self._there.discard(event.recipe.key)
            elif event.what is EventKind.FAILED:
                self._failed[event.recipe.key] = event.message
            self._changed.notify_all()

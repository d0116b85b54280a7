"""What a person sees while artifacts are built: a live bar on a terminal, a line now and then elsewhere."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TextIO

from suite.engines.engine import Event, EventKind

SECONDS_BETWEEN_LINES = 15.0


class ProgressBar:
    """Keeps count of an engine's events, and shows them while somebody waits.

    The bar is written past pytest's capturing, to the stream that the terminal reporter itself writes to.

    Args:
        open_stream: Opens what may be written to for a moment; None is nowhere.
    """

    def __init__(self, open_stream: Callable[[], AbstractContextManager[TextIO | None]]) -> None:
        self._open_stream = open_stream
        self._lock = threading.Lock()
        self._running: dict[str, tuple[str, float]] = {}
        self._built = 0
        self._bar: Any = None
        self._last_line = time.monotonic()
        self.total = 0

    def expect(self, builds: int) -> None:
        """Set the number of builds that an engine starts with; forgets those that another engine was running."""
        with self._lock:
            self._running.clear()
            self.total = self._built + builds

    def update(self, event: Event) -> None:
        """Count an event; called from the engine's thread."""
        key, label = event.recipe.key, event.recipe.label
        with self._lock:
            match event.what:
                case EventKind.STARTED:
                    self._running[key] = (label, 0.0)
                case EventKind.PROGRESS:
                    self._running[key] = (label, event.done / max(1, event.total))
                case EventKind.RETRIED:
                    self._running.pop(key, None)
                case EventKind.BUILT | EventKind.FAILED | EventKind.CACHED:
                    self._running.pop(key, None)
                    self._built += event.what is not EventKind.CACHED

    def read(self, done: int, total: int) -> None:
        """Say now and then how many of a dataset's images were read, which is done before anything is built."""
        if self._is_time():
            with self._open_stream() as stream:
                self._say(stream, f"read {done:,} of {total:,} images")

    def show(self) -> None:
        """Draw the present state, if it is time to."""
        with self._lock:
            now = ", ".join(f"{label} {share:.0%}" for label, share in self._running.values())
            done = min(self.total, self._built + sum(share for _, share in self._running.values()))
        with self._open_stream() as stream:
            if stream is None:
                return
            if stream.isatty():
                self._draw(stream, done, now)
            elif self._is_time():
                self._say(
                    stream, f"built {self._built} of {self.total}: {now or 'waiting for a worker or another process'}"
                )

    def hide(self) -> None:
        """Take the bar away, so that pytest can go on with its line."""
        if self._bar is not None:
            with self._open_stream():
                self._bar.close()
            self._bar = None

    def _is_time(self) -> bool:
        return time.monotonic() - self._last_line >= SECONDS_BETWEEN_LINES

    def _say(self, stream: TextIO | None, what: str) -> None:
        self._last_line = time.monotonic()
        if stream is not None:
            stream.write(f"  {what}\n")
            stream.flush()

    def _draw(self, stream: TextIO, done: float, now: str) -> None:
        if self._bar is None:
            from tqdm import tqdm

            form = "{percentage:3.0f}%|{bar:20}| {elapsed} {desc}"
            self._bar = tqdm(total=self.total, file=stream, leave=False, bar_format=form, dynamic_ncols=True)
        self._bar.n = done
        self._bar.set_description_str(now[:70], refresh=True)

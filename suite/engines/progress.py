"""Progress of builds: a live bar on a terminal, a line every 15 seconds elsewhere."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TextIO

from suite.engines.engine import Event, EventKind

SECONDS_BETWEEN_LINES = 15.0


class ProgressBar:
    """Counts an engine's events and shows the progress while a test waits.

    It writes to the stream of pytest's terminal reporter, which is not captured.

    Args:
        open_stream: Returns a context manager for the stream to write to; the stream is None where nothing is shown.

    Attributes:
        total: Number of recipes to build.
    """

    def __init__(self, open_stream: Callable[[], AbstractContextManager[TextIO | None]]) -> None:
        self._open_stream = open_stream
        self._lock = threading.Lock()
        self._running: dict[str, tuple[str, float]] = {}
        self._finished = 0
        self._lines: list[str] = []
        self._bar: Any = None
        self._last_line = time.monotonic()
        self.total = 0

    def expect(self, builds: int) -> None:
        """Set the number of builds that an engine starts with; forgets those that another engine was running."""
        with self._lock:
            self._running.clear()
            self.total = self._finished + builds

    def update(self, event: Event) -> None:
        """Count an event; called in the thread of the engine."""
        key, label = event.recipe.key, event.recipe.label
        with self._lock:
            match event.kind:
                case EventKind.STARTED:
                    self._running[key] = (label, 0.0)
                case EventKind.PROGRESS:
                    self._running[key] = (label, event.done / max(1, event.total))
                case EventKind.RETRIED:
                    self._running.pop(key, None)
                case EventKind.BUILT | EventKind.FAILED | EventKind.CACHED:
                    self._running.pop(key, None)
                    self._finished += event.kind is not EventKind.CACHED

    def say(self, text: str) -> None:
        """Write a line at the next ``show`` or ``hide``; called in any thread."""
        with self._lock:
            self._lines.append(text)

    def read(self, done: int, total: int) -> None:
        """Report how many images of a dataset were read, which happens before anything is built.

        Args:
            done: Number of images that were read.
            total: Number of images.
        """
        if self._is_line_due():
            with self._open_stream() as stream:
                self._write_line(stream, f"read {done:,} of {total:,} images")

    def show(self) -> None:
        """Draw the bar, or write a line if one is due; first the lines of ``say``."""
        with self._lock:
            running = ", ".join(f"{label} {fraction:.0%}" for label, fraction in self._running.values())
            done = min(self.total, self._finished + sum(fraction for _, fraction in self._running.values()))
        with self._open_stream() as stream:
            if stream is None:
                return
            self._write_lines(stream)
            if stream.isatty():
                self._draw(stream, done, running)
            elif self._is_line_due():
                status = running or "waiting for a worker or another process"
                self._write_line(stream, f"built {self._finished} of {self.total}: {status}")

    def hide(self) -> None:
        """Remove the bar, so that pytest can continue its line."""
        if self._bar is not None or self._lines:
            with self._open_stream() as stream:
                if self._bar is not None:
                    self._bar.close()
                self._write_lines(stream)
            self._bar = None

    def _is_line_due(self) -> bool:
        return time.monotonic() - self._last_line >= SECONDS_BETWEEN_LINES

    def _write_lines(self, stream: TextIO | None) -> None:
        """Write the lines of ``say``, above the bar."""
        with self._lock:
            lines, self._lines = self._lines, []
        if lines and self._bar is not None:
            self._bar.clear()
        for line in lines:
            self._write_line(stream, line)

    def _write_line(self, stream: TextIO | None, text: str) -> None:
        self._last_line = time.monotonic()
        if stream is not None:
            stream.write(f"  {text}\n")
            stream.flush()

    def _draw(self, stream: TextIO, done: float, running: str) -> None:
        if self._bar is None:
            from tqdm import tqdm

            bar_format = "{percentage:3.0f}%|{bar:20}| {elapsed} {desc}"
            self._bar = tqdm(total=self.total, file=stream, leave=False, bar_format=bar_format, dynamic_ncols=True)
        self._bar.n = done
        self._bar.set_description_str(running[:70], refresh=True)

"""The main function of a worker process: one build, reported through a pipe."""

import os
import signal
import threading
import time
import traceback
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path

from suite.artifacts import DataPaths, Recipe, Store
from suite.artifacts.build_context import ProgressCallback
from suite.engines.build import build
from suite.engines.messages import Built, Busy, Failed, MissingInput, Outcome, Progressed, Started
from suite.errors import BadArtifact, SuiteError

SECONDS_BETWEEN_MESSAGES = 0.25
OUT_OF_MEMORY = ("OutOfMemoryError", "MemoryError")  # names of torch's and Python's errors


def run_worker(pipe: Connection) -> None:
    """Receive one recipe, build it and send ``Started``, any number of ``Progressed`` and one ``Outcome``.

    The process exits when the other end of the pipe closes, so that a worker without an engine does not hold a lock.

    Args:
        pipe: Connection to the engine.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the engine handles Ctrl-C
    store: Store
    recipe: Recipe
    environment: Mapping[str, str]
    try:
        store, recipe, device, data_paths, environment = pipe.recv()
    except (EOFError, OSError):
        return
    if pipe.poll():  # the engine was killed in the meantime; the next one may already be building this recipe
        return
    threading.Thread(target=_exit_with_engine, args=(pipe,), daemon=True).start()
    os.environ.update(environment)
    last_message = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal last_message
        now = time.monotonic()
        if now - last_message >= SECONDS_BETWEEN_MESSAGES:
            last_message = now
            pipe.send(Progressed(done, total))

    pipe.send(Started())
    pipe.send(_outcome(store, recipe, device, data_paths, progress))


def _outcome(store: Store, recipe: Recipe, device: str, data_paths: DataPaths, progress: ProgressCallback) -> Outcome:
    try:
        artifact = build(store, recipe, device=device, data_paths=data_paths, progress=progress)
        return Busy() if artifact is None else Built(artifact.run.get("seconds", 0.0))
    except BadArtifact as error:
        return MissingInput(error.key, str(error))
    except SuiteError as error:
        return Failed(str(error))
    except Exception as error:  # any error of a library has to be shown to the user
        frame = traceback.extract_tb(error.__traceback__)[-1]
        text = " ".join(str(error).split())
        if type(error).__name__ in OUT_OF_MEMORY:
            remedy = f"out of memory on {device}: lower batch_size in the profile, or use fewer --jobs"
            return Failed(f"{remedy} ({text})" if text else remedy)
        location = f"{frame.name}, {Path(frame.filename).name}:{frame.lineno}"
        return Failed(f"{type(error).__name__}: {text} ({location})")


def _exit_with_engine(pipe: Connection) -> None:
    try:
        pipe.recv()
    except (EOFError, OSError):
        os._exit(1)

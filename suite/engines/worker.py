"""What runs in a worker process: one build, reported through a pipe."""

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
from suite.engines.messages import Advanced, Answer, Built, Busy, Failed, MissingInput, Started
from suite.errors import BadArtifact, SuiteError

SECONDS_BETWEEN_MESSAGES = 0.25


def work(pipe: Connection) -> None:
    """Wait for one recipe, build it and send what happens: ``Started``, any number of ``Advanced``, one ``Answer``.

    A worker whose engine is gone ends itself, so that no orphan holds a lock.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the engine's to answer
    store: Store
    recipe: Recipe
    environment: Mapping[str, str]
    try:
        store, recipe, device, data_paths, environment = pipe.recv()
    except (EOFError, OSError):
        return
    if pipe.poll():  # the end of an engine that was killed meanwhile: another one may be at this very recipe
        return
    threading.Thread(target=_end_with_engine, args=(pipe,), daemon=True).start()
    os.environ.update(environment)
    last = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= SECONDS_BETWEEN_MESSAGES:
            last = now
            pipe.send(Advanced(done, total))

    pipe.send(Started())
    pipe.send(_answer(store, recipe, device, data_paths, progress))


def _answer(store: Store, recipe: Recipe, device: str, data_paths: DataPaths, progress: ProgressCallback) -> Answer:
    try:
        artifact = build(store, recipe, device=device, data_paths=data_paths, progress=progress)
        return Busy() if artifact is None else Built(artifact.run.get("seconds", 0.0))
    except BadArtifact as error:
        return MissingInput(error.key, str(error))
    except SuiteError as error:
        return Failed(str(error))
    except Exception as error:  # whatever a library raises must reach the person who reads the table
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = " ".join(str(error).split())
        where = f"{place.name}, {Path(place.filename).name}:{place.lineno}"
        return Failed(f"{type(error).__name__}: {text} ({where})")


def _end_with_engine(pipe: Connection) -> None:
    try:
        pipe.recv()
    except (EOFError, OSError):
        os._exit(1)

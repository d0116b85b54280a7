"""pytest-xdist: every worker runs its own cases, the controller writes the report."""

from typing import Any

import pytest
from pydantic import BaseModel

from suite.benchmark import Benchmark
from suite.planning.case import Case, DiscriminatorCase
from suite.results.models import Status

OUTPUT = "suite"
STARTED_AT = "suite_started_at"


class WorkerState(BaseModel):
    """What a worker sends to the controller when it ends.

    Attributes:
        selected: Cases that the worker selected.
        problems: Cases that could not be run, with status and reason.
        damaged: A line for every damaged artifact.
        retried: A line for every build that was started again.
    """

    selected: tuple[Case | DiscriminatorCase, ...]
    problems: tuple[tuple[Case | DiscriminatorCase, tuple[Status, str]], ...]
    damaged: tuple[str, ...]
    retried: tuple[str, ...]


def is_worker(config: pytest.Config) -> bool:
    """Return whether this process is an xdist worker."""
    return hasattr(config, "workeroutput")


def share(config: pytest.Config) -> tuple[int, int]:
    """Return the number of this process, from 0, and the number of processes."""
    worker = getattr(config, "workerinput", {})
    return int(worker.get("workerid", "gw0").removeprefix("gw")), int(worker.get("workercount", 1))


def started_at(config: pytest.Config, default: float) -> float:
    """Return when the controller started the run, in seconds since the epoch; ``default`` outside of a worker."""
    return float(getattr(config, "workerinput", {}).get(STARTED_AT, default))


def configure_worker(node: Any, benchmark: Benchmark) -> None:
    """Send the start time to a worker, so that ``--force`` does not discard what another worker has just built."""
    node.workerinput[STARTED_AT] = benchmark.started_at


def send(config: Any, benchmark: Benchmark) -> None:
    """Send a worker's state to the controller, as JSON."""
    state = WorkerState(
        selected=tuple(benchmark.selected),
        problems=tuple(benchmark.problems.items()),
        damaged=tuple(benchmark.damaged),
        retried=tuple(benchmark.retried),
    )
    config.workeroutput[OUTPUT] = state.model_dump_json()


def receive(node: Any, benchmark: Benchmark) -> None:
    """Add a worker's state to the controller's; a worker that crashed has sent none."""
    text = getattr(node, "workeroutput", {}).get(OUTPUT)
    if text is None:
        return
    state = WorkerState.model_validate_json(text)
    for case in state.selected:
        benchmark.select(case)
    benchmark.problems.update(state.problems)
    benchmark.damaged += state.damaged
    benchmark.retried += state.retried

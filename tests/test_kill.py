"""Killed at any moment, a run goes on where it was and ends with the same bytes."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from stored import payloads, runs

from suite.artifacts import DataPaths
from suite.datasets.locate import locate

KILLS = 10
HARNESS = 900.0
HELPERS = Path(__file__).parent / "helpers"

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def memo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the content of digits is remembered."""
    folder = tmp_path_factory.mktemp("memo")
    locate("digits", DataPaths(), folder)
    return folder


@pytest.fixture
def start(memo: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start the program; it is ended with the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(store: Path, *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, str(HELPERS / "killable.py"), str(store), str(memo), *arguments]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment)
        started.append(process)
        assert arguments or process.stdout is None or process.stdout.readline() == "ready\n"
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def ask(program: "subprocess.Popen[str]", seconds: float | None) -> int:
    """Let the program build, and kill what builds after so many seconds; returns the exit status."""
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write(f"{'-' if seconds is None else seconds}\n")
    program.stdin.flush()
    return int(program.stdout.readline())


def test_killed_at_random_moments_it_ends_with_the_same_bytes(
    tmp_path: Path, start: Callable[..., "subprocess.Popen[str]"]
) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    program = start(whole)
    began = time.monotonic()
    assert ask(program, None) == 0
    lasted = time.monotonic() - began
    disturbed = start(broken)
    moments = random.Random(0)
    finished: dict[str, bytes] = {}
    statuses = []
    for _ in range(KILLS):
        statuses.append(ask(disturbed, moments.uniform(0, 2 * lasted / KILLS)))
        now = runs(broken)
        assert finished.items() <= now.items(), "a finished artifact was lost or made again"
        finished = now
    assert ask(disturbed, None) == 0
    assert statuses.count(-signal.SIGKILL) >= KILLS // 2
    assert finished.items() <= runs(broken).items()
    assert payloads(broken) == payloads(whole)
    assert list((broken / "damaged").iterdir()) == []


def test_whole_runs_killed_in_every_way_end_with_the_same_bytes() -> None:
    """The harness in its smallest form, each way of killing once; see there for the large one."""
    command = [sys.executable, str(HELPERS.parent / "kill_harness.py"), "--kills", "4", "--small", "--seed", "3"]
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HARNESS)
    assert found.returncode == 0, found.stdout + found.stderr
    assert found.stdout.startswith("4 kills (1 SIGKILL, 1 SIGTERM, 1 Ctrl-C, 1 worker), ")
    assert found.stdout.endswith("none differs\n")

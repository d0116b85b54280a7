"""A run that is killed at any moment resumes and ends with the same bytes."""

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
HARNESS_TIMEOUT = 900.0
HELPERS = Path(__file__).parent / "helpers"

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory that caches the content id of digits."""
    folder = tmp_path_factory.mktemp("cache")
    locate("digits", DataPaths(), folder)
    return folder


@pytest.fixture
def start(cache: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Return a function that starts ``killable.py`` until the test ends."""
    started: list[subprocess.Popen[str]] = []

    def start_program(store: Path, *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, str(HELPERS / "killable.py"), str(store), str(cache), *arguments]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment)
        started.append(process)
        assert arguments or process.stdout is None or process.stdout.readline() == "ready\n"
        return process

    yield start_program
    for process in started:
        process.kill()
        process.communicate()


def build(program: "subprocess.Popen[str]", seconds: float | None) -> int:
    """Let the program build, kill the build after ``seconds`` unless that is None, and return its exit status."""
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write(f"{'-' if seconds is None else seconds}\n")
    program.stdin.flush()
    return int(program.stdout.readline())


def test_builds_killed_at_random_moments_end_with_the_same_bytes(
    tmp_path: Path, start: Callable[..., "subprocess.Popen[str]"]
) -> None:
    uninterrupted, interrupted = tmp_path / "uninterrupted", tmp_path / "interrupted"
    program = start(uninterrupted)
    started = time.monotonic()
    assert build(program, None) == 0
    duration = time.monotonic() - started
    program = start(interrupted)
    moments = random.Random(0)
    finished: dict[str, bytes] = {}
    statuses = []
    for _ in range(KILLS):
        statuses.append(build(program, moments.uniform(0, 2 * duration / KILLS)))
        now = runs(interrupted)
        assert finished.items() <= now.items(), "a finished artifact was lost or built again"
        finished = now
    assert build(program, None) == 0
    assert statuses.count(-signal.SIGKILL) >= KILLS // 2
    assert finished.items() <= runs(interrupted).items()
    assert payloads(interrupted) == payloads(uninterrupted)
    assert list((interrupted / "damaged").iterdir()) == []


def test_whole_runs_killed_by_every_method_end_with_the_same_bytes() -> None:
    """Run ``kill_harness.py`` with a small plan and one kill per method."""
    command = [sys.executable, str(HELPERS.parent / "kill_harness.py"), "--kills", "4", "--small", "--seed", "3"]
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HARNESS_TIMEOUT)
    assert found.returncode == 0, found.stdout + found.stderr
    assert found.stdout.startswith("4 kills (1 SIGKILL, 1 SIGTERM, 1 Ctrl-C, 1 worker), ")
    assert found.stdout.endswith("none differs\n")

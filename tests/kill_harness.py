"""Kill whole runs at random moments and restart them: ``python tests/kill_harness.py --kills 50``.

A small plan is run by ``pytest cases/`` as a user would: real images, a classifier, a GAN trained from scratch, its
samples, features, metrics, pictures. The run is killed in turn by SIGKILL, by SIGTERM, by Ctrl-C (SIGINT to the whole
process group, as a terminal sends it), and by killing one of its worker processes, as the kernel does when memory runs
out. The next run starts at once, without waiting for remaining processes. When a run completes, every file of every
artifact is compared with those of an uninterrupted run, and the next round starts with an empty store. A checkpoint is
written at every step, so that trainings are interrupted between any two of them.

It prints the counts, and exits with code 1 at the first difference.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "helpers")]

from plugin_project import ADDOPTS, write_dataset  # noqa: E402
from stored import payloads, runs  # noqa: E402

from suite.artifacts import Artifact, Store  # noqa: E402

METHODS = ("SIGKILL", "SIGTERM", "Ctrl-C", "worker")
SMALL = ("-k", "photos and org", "--seeds", "2", "--limit-steps", "12")
WHOLE = ("-k", "photos and (org or biggan)", "--seeds", "2", "--limit-steps", "12")
TIMEOUT = 600.0
TABLE_STEPS = ("difference-plot", "usefulness-plot")  # an interrupted run draws them for the finished cells
EXIT_CODES = {"SIGKILL": (-9,), "SIGTERM": (-15,), "Ctrl-C": (2, -2), "worker": (0, 1)}


class Difference(Exception):  # noqa: N818
    """A killed run behaved or ended differently from what is guaranteed."""


@dataclass
class Counts:
    """Counts of what was done.

    Attributes:
        kills: Number of kills by method.
        building: Number of kills during a build.
        rounds: Number of stores that were completed and compared.
        files: Number of files that were compared.
        kept: Number of finished artifacts that existed at a kill and were not built again, summed over kills.
        resumed: Number of interrupted builds with a checkpoint or finished batches.
    """

    kills: Counter[str] = field(default_factory=Counter)
    building: int = 0
    rounds: int = 0
    files: int = 0
    kept: int = 0
    resumed: int = 0

    def __str__(self) -> str:
        methods = ", ".join(f"{self.kills[method]} {method}" for method in METHODS)
        return (
            f"{sum(self.kills.values())} kills ({methods}), {self.building} of them during a build; "
            f"{self.resumed} interrupted builds had a checkpoint; {self.kept} finished artifacts were kept; "
            f"{self.rounds} stores were completed: {self.files} files compared, none differs"
        )


class Harness:
    """Runs a project with a small plan repeatedly.

    Args:
        folder: An empty directory.
        selection: pytest options that select the cells.
        seed: Seed of the random moments.
    """

    def __init__(self, folder: Path, selection: tuple[str, ...], seed: int) -> None:
        self.folder = folder
        self.selection = selection
        self.counts = Counts()
        self._random = random.Random(seed)
        shutil.copy(ROOT / "conftest.py", folder)
        shutil.copytree(ROOT / "cases", folder / "cases", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "pytest.ini").write_text(f"[pytest]\n{ADDOPTS}", encoding="utf-8")
        write_dataset(folder / "data", train=8, test=4)
        started = time.monotonic()
        self.expected = self._run_uninterrupted()
        self.duration = time.monotonic() - started

    def kill(self, kills: int) -> None:
        """Kill ``kills`` runs; raise Difference at the first violation."""
        while sum(self.counts.kills.values()) < kills:
            store = self.folder / "store"
            finished: dict[str, bytes] = {}
            while True:
                remaining = sum(self.counts.kills.values()) < kills
                completed = self._run(
                    store, finished, METHODS[self.counts.kills.total() % len(METHODS)] if remaining else None
                )
                finished = runs(store)
                if completed:
                    break
            self._compare(store)
            shutil.rmtree(store)

    def _run_uninterrupted(self) -> dict[str, bytes]:
        store = self.folder / "uninterrupted"
        run = self._start(store)
        if run.wait(TIMEOUT) != 0:
            raise Difference("the uninterrupted run fails: " + (self.folder / "printed.txt").read_text("utf-8")[-2000:])
        return payloads(store)

    def _run(self, store: Path, finished: dict[str, bytes], method: str | None) -> bool:
        """Start a run and kill it at a random moment, unless ``method`` is None; return whether it completed."""
        run = self._start(store)
        if method is None:
            if run.wait(TIMEOUT) != 0:
                raise Difference("the restarted run fails: " + (self.folder / "printed.txt").read_text("utf-8")[-2000:])
            return True
        started = time.monotonic()
        if not self._wait_for_random_moment(run, store):
            self.duration = min(self.duration, time.monotonic() - started)  # the machine was busier before
            if run.returncode != 0:
                raise Difference("a run that was not killed fails: " + (self.folder / "printed.txt").read_text("utf-8"))
            return True
        building = list((store / "tmp").glob("*/payload*"))
        resumed = sum(any((path.parent / "scratch").glob("*")) for path in building)
        killed = self._kill_run(run, method)
        code = run.wait(TIMEOUT)
        if not killed or (code == 0 and method != "worker"):  # it completed before the kill
            if code != 0:
                raise Difference("a run that was not killed fails: " + (self.folder / "printed.txt").read_text("utf-8"))
            return True
        self.counts.kills[method] += 1
        self.counts.resumed += resumed
        self.counts.building += bool(building)
        if code not in EXIT_CODES[method]:
            raise Difference(f"killed by {method}, it ended with {code}")
        now = runs(store)
        if lost := [key for key, run_of in finished.items() if now.get(key) != run_of]:
            raise Difference(f"finished artifacts were lost or built again: {lost}")
        self.counts.kept += len(finished)
        return False

    def _wait_for_random_moment(self, run: "subprocess.Popen[bytes]", store: Path) -> bool:
        """Wait a random time, in four of five cases after the next start of a build; return whether it still runs."""
        end = time.monotonic() + self._random.uniform(0, self.duration)
        if self._random.random() < 0.8:
            before = set(entries(store))
            while run.poll() is None and not set(entries(store)) - before:
                time.sleep(0.01)
            end = time.monotonic() + self._random.expovariate(1 / (0.1 * self.duration))
        while run.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        return run.poll() is None

    def _kill_run(self, run: "subprocess.Popen[bytes]", method: str) -> bool:
        """Kill the run or one of its workers; return whether there was a process to kill."""
        if method == "worker":
            while not (workers := list(worker_processes(run.pid))):  # none builds at the moment
                if run.poll() is not None:
                    return False
                time.sleep(0.005)
            victim = self._random.choice(workers)
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                return False
        elif method == "Ctrl-C":
            os.killpg(run.pid, signal.SIGINT)
        else:
            run.send_signal(signal.SIGKILL if method == "SIGKILL" else signal.SIGTERM)
        return True

    def _start(self, store: Path) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "pytest", "cases", "-p", "no:cacheprovider", *self.selection]
        command += ["--data-root", str(self.folder / "data"), "--store", str(store), "--jobs", "2"]
        environment = {**os.environ, "SUITE_CHECKPOINT_SECONDS": "0", "OMP_NUM_THREADS": "1"}
        environment["PYTHONPATH"] = os.pathsep.join((str(ROOT), environment.get("PYTHONPATH", "")))
        with (self.folder / "printed.txt").open("wb") as printed:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                stdout=printed,
                stderr=printed,
                env=environment,
                start_new_session=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # background jobs ignore it
            )

    def _compare(self, store: Path) -> None:
        found = payloads(store)
        if names := sorted(name for name, content in self.expected.items() if found.get(name) != content):
            raise Difference(f"these files differ from those of the uninterrupted run: {names}")
        additional = {Path(name).parts[2] for name in found.keys() - self.expected.keys()}
        steps = {key: Artifact(Store(store).path(key), key).manifest.step for key in additional}
        if others := sorted(key for key, step in steps.items() if step not in TABLE_STEPS):
            raise Difference(f"an uninterrupted run does not build these: {others}")
        if left := [path.relative_to(store) for part in ("tmp", "damaged") for path in (store / part).rglob("*")]:
            raise Difference(f"this was left behind: {', '.join(map(str, left))}")
        self.counts.rounds += 1
        self.counts.files += len(self.expected)


def entries(store: Path) -> Iterator[str]:
    """Yield the names of unfinished and finished artifacts."""
    for pattern in ("tmp/*", "artifacts/*/*"):
        yield from (path.name for path in store.glob(pattern))


def worker_processes(run: int) -> Iterator[int]:
    """Yield the ids of a run's worker processes: the children of its fork server."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    for process, parent in parents.items():
        if parents.get(parent) == run:
            yield process


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--small", action="store_true", help="only the row of one classifier")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        try:
            harness = Harness(Path(folder), SMALL if options.small else WHOLE, options.seed)
            harness.kill(options.kills)
        except Difference as error:
            print(f"FAILED: {error}")
            return 1
        print(harness.counts)
    return 0


if __name__ == "__main__":
    sys.exit(main())

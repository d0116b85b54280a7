"""Kills whole runs at random moments and starts them again: ``python tests/kill_harness.py --kills 50``.

A small plan is run by ``pytest cases/`` as a user would: real images, a classifier, a GAN trained from scratch, its
samples, features, metrics, pictures. The run is killed, in turn, by SIGKILL, by SIGTERM, by Ctrl-C (SIGINT to all of
it, as a terminal does), and by killing one of its worker processes, as the kernel does when memory runs out. Nobody
waits for what is left of it: the next run starts at once. When one comes to its end, every file of every artifact is
compared with those of a run that nobody disturbed, and the next round begins with an empty store. A checkpoint is
written at every step, so that trainings are broken off between all of them.

It prints how often each was done, and ends with exit code 1 at the first difference.
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

WAYS = ("SIGKILL", "SIGTERM", "Ctrl-C", "worker")
SMALL = ("-k", "photos and org", "--seeds", "2", "--limit-steps", "12")
WHOLE = ("-k", "photos and (org or biggan)", "--seeds", "2", "--limit-steps", "12")
PATIENCE = 600.0
OF_A_TABLE = ("difference-plot", "usefulness-plot")  # a run that was stopped shows the cells that it has
KILLED = {"SIGKILL": (-9,), "SIGTERM": (-15,), "Ctrl-C": (2, -2), "worker": (0, 1)}


class Differs(Exception):  # noqa: N818
    """A promise that did not hold."""


@dataclass
class DecodingSummary:
    """What was done.

    Attributes:
        kills: How often each way.
        building: How many of these kills came while something was being built.
        rounds: Stores that came to their end and were compared.
        files: Files that were compared.
        kept: Finished artifacts that were there at a kill, and were not made again after it.
        resumed: Builds that had left a checkpoint or finished batches when they were broken off.
    """

    kills: Counter[str] = field(default_factory=Counter)
    building: int = 0
    rounds: int = 0
    files: int = 0
    kept: int = 0
    resumed: int = 0

    def __str__(self) -> str:
        ways = ", ".join(f"{self.kills[way]} {way}" for way in WAYS)
        return (
            f"{sum(self.kills.values())} kills ({ways}), {self.building} of them while something was being built; "
            f"{self.resumed} broken-off builds had a checkpoint; {self.kept} finished artifacts were met and kept; "
            f"{self.rounds} stores came to their end: {self.files} files compared, none differs"
        )


class Harness:
    """A project with a small plan, run again and again.

    Args:
        folder: An empty directory.
        selection: Options that select what is run.
        seed: Seed of the moments.
    """

    def __init__(self, folder: Path, selection: tuple[str, ...], seed: int) -> None:
        self.folder = folder
        self.selection = selection
        self.tally = DecodingSummary()
        self._moments = random.Random(seed)
        shutil.copy(ROOT / "conftest.py", folder)
        shutil.copytree(ROOT / "cases", folder / "cases", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "pytest.ini").write_text(f"[pytest]\n{ADDOPTS}", encoding="utf-8")
        write_dataset(folder / "data", train=8, test=4)
        began = time.monotonic()
        self.whole = self._undisturbed()
        self.lasted = time.monotonic() - began

    def kill(self, kills: int) -> None:
        """Kill so many times; raises Differs at the first promise that does not hold."""
        while sum(self.tally.kills.values()) < kills:
            store = self.folder / "store"
            finished: dict[str, bytes] = {}
            while True:
                more = sum(self.tally.kills.values()) < kills
                ended = self._run(store, finished, WAYS[self.tally.kills.total() % len(WAYS)] if more else None)
                finished = runs(store)
                if ended:
                    break
            self._compare(store)
            shutil.rmtree(store)

    def _undisturbed(self) -> dict[str, bytes]:
        store = self.folder / "whole"
        run = self._start(store)
        if run.wait(PATIENCE) != 0:
            raise Differs("the undisturbed run fails: " + (self.folder / "printed.txt").read_text("utf-8")[-2000:])
        return payloads(store)

    def _run(self, store: Path, finished: dict[str, bytes], way: str | None) -> bool:
        """Start the run, kill it at a random moment, and return whether it had come to its end before."""
        run = self._start(store)
        if way is None:
            if run.wait(PATIENCE) != 0:
                raise Differs("started again, it fails: " + (self.folder / "printed.txt").read_text("utf-8")[-2000:])
            return True
        began = time.monotonic()
        if not self._wait_for_a_moment(run, store):
            self.lasted = min(self.lasted, time.monotonic() - began)  # the machine had more to do before
            if run.returncode != 0:
                raise Differs("undisturbed this time, it fails: " + (self.folder / "printed.txt").read_text("utf-8"))
            return True
        building = list((store / "tmp").glob("*/payload*"))
        resumed = sum(any((path.parent / "scratch").glob("*")) for path in building)
        struck = self._strike(run, way)
        code = run.wait(PATIENCE)
        if not struck or (code == 0 and way != "worker"):  # it was at its end
            if code != 0:
                raise Differs("undisturbed this time, it fails: " + (self.folder / "printed.txt").read_text("utf-8"))
            return True
        self.tally.kills[way] += 1
        self.tally.resumed += resumed
        self.tally.building += bool(building)
        if code not in KILLED[way]:
            raise Differs(f"killed by {way}, it ended with {code}")
        now = runs(store)
        if lost := [key for key, run_of in finished.items() if now.get(key) != run_of]:
            raise Differs(f"finished artifacts were lost or made again: {lost}")
        self.tally.kept += len(finished)
        return False

    def _wait_for_a_moment(self, run: "subprocess.Popen[bytes]", store: Path) -> bool:
        """Wait, four times in five until something new is begun and a little more; return whether it still runs."""
        end = time.monotonic() + self._moments.uniform(0, self.lasted)
        if self._moments.random() < 0.8:
            before = set(entries(store))
            while run.poll() is None and not set(entries(store)) - before:
                time.sleep(0.01)
            end = time.monotonic() + self._moments.expovariate(1 / (0.1 * self.lasted))
        while run.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        return run.poll() is None

    def _strike(self, run: "subprocess.Popen[bytes]", way: str) -> bool:
        """Kill; return whether there was anything to kill."""
        if way == "worker":
            while not (workers := list(builders(run.pid))):  # none at this moment: the next one
                if run.poll() is not None:
                    return False
                time.sleep(0.005)
            victim = self._moments.choice(workers)
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                return False
        elif way == "Ctrl-C":
            os.killpg(run.pid, signal.SIGINT)
        else:
            run.send_signal(signal.SIGKILL if way == "SIGKILL" else signal.SIGTERM)
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
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background ignores it
            )

    def _compare(self, store: Path) -> None:
        found = payloads(store)
        if names := sorted(name for name, content in self.whole.items() if found.get(name) != content):
            raise Differs(f"these files differ from the undisturbed run's: {names}")
        more = {Path(name).parts[2] for name in found.keys() - self.whole.keys()}
        steps = {key: Artifact(Store(store).path(key), key).manifest.step for key in more}
        if others := sorted(key for key, step in steps.items() if step not in OF_A_TABLE):
            raise Differs(f"an undisturbed run does not make these: {others}")
        if left := [path.relative_to(store) for part in ("tmp", "damaged") for path in (store / part).rglob("*")]:
            raise Differs(f"this was left behind: {', '.join(map(str, left))}")
        self.tally.rounds += 1
        self.tally.files += len(self.whole)


def entries(store: Path) -> Iterator[str]:
    """Yield what is begun or finished."""
    for pattern in ("tmp/*", "artifacts/*/*"):
        yield from (path.name for path in store.glob(pattern))


def builders(run: int) -> Iterator[int]:
    """Yield the processes in which a run builds: the children of its server of processes."""
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
    """Kill, start again, compare, and print the figure."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--small", action="store_true", help="one classifier's row alone")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        try:
            harness = Harness(Path(folder), SMALL if options.small else WHOLE, options.seed)
            harness.kill(options.kills)
        except Differs as error:
            print(f"FAILED: {error}")
            return 1
        print(harness.tally)
    return 0


if __name__ == "__main__":
    sys.exit(main())

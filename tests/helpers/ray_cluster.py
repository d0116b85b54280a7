"""A Ray cluster of several nodes on this machine, in a process of its own.

As a program it prints its address, then reads lines: ``add`` lets a node of one core join, ``kill`` kills the node that
joined last without a word to anybody; each is answered with ``done``. It ends with its input.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import pytest

os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # read as it is imported: nodes on 127.0.0.1 only
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
# Asked without importing it: pytester forgets what its tests imported, and Ray cannot be imported twice.
needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install ray")


class RayCluster:
    """The program, from outside: a head that only keeps the books, and nodes that come and go.

    Attributes:
        address: Where drivers find it.
    """

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        self._program = subprocess.Popen([sys.executable, __file__], stdin=pipe, stdout=pipe, text=True)
        self.address = self._answer()

    def add(self) -> None:
        """Let a node of one core join."""
        self._ask("add")

    def kill(self) -> None:
        """Kill the node that joined last."""
        self._ask("kill")

    def end(self) -> None:
        """End all of it."""
        self._program.communicate()

    def _ask(self, line: str) -> None:
        assert self._program.stdin is not None
        self._program.stdin.write(f"{line}\n")
        self._program.stdin.flush()
        assert self._answer() == "done"

    def _answer(self) -> str:
        assert self._program.stdout is not None
        return self._program.stdout.readline().strip()


@contextmanager
def ray_cluster() -> Iterator[RayCluster]:
    """Start a cluster of two nodes, and end it."""
    made = RayCluster()
    try:
        made.add()
        made.add()
        yield made
    finally:
        made.end()


def main() -> None:
    """Do what the input says."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    nodes = []
    print(cluster.address, flush=True)
    for line in sys.stdin:
        if line.strip() == "add":
            nodes.append(_node(cluster))
        else:
            cluster.remove_node(nodes.pop(), allow_graceful=False)
        print("done", flush=True)
    cluster.shutdown()


def _node(cluster: Any, tries: int = 3) -> Any:
    """Start a node; Ray gives it half a minute, which a machine with other work may well take."""
    try:
        return cluster.add_node(num_cpus=1)
    except Exception:
        if tries == 1:
            raise
        return _node(cluster, tries - 1)


if __name__ == "__main__":
    main()

"""A Ray cluster of several nodes on this machine, in its own process.

As a program it prints its address and then reads commands, one per line: ``add`` starts a node with one core, ``kill``
kills the newest node without a graceful shutdown. It answers each with ``done`` and exits at the end of its input.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import pytest

os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # read at import; nodes use 127.0.0.1 only
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
# Ray is not imported here: pytester removes the modules that its tests import, and Ray cannot be imported twice.
needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install ray")


class RayCluster:
    """A running cluster: a head without cores, and nodes that can be added and killed.

    Args:
        environment: Environment variables in addition to those of this process.

    Attributes:
        address: Address for drivers, ``HOST:PORT``.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        pipe = subprocess.PIPE
        variables = {**os.environ, **(environment or {})}
        command = [sys.executable, __file__]
        self._program = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=variables)
        self.address = self._read_line()

    def add(self) -> None:
        """Start a node with one core."""
        self._send("add")

    def kill(self) -> None:
        """Kill the newest node."""
        self._send("kill")

    def stop(self) -> None:
        """Stop the cluster."""
        self._program.communicate()

    def _send(self, command: str) -> None:
        assert self._program.stdin is not None
        self._program.stdin.write(f"{command}\n")
        self._program.stdin.flush()
        assert self._read_line() == "done"

    def _read_line(self) -> str:
        assert self._program.stdout is not None
        return self._program.stdout.readline().strip()


@contextmanager
def ray_cluster() -> Iterator[RayCluster]:
    """Start a cluster of two nodes, and stop it."""
    cluster = RayCluster()
    try:
        cluster.add()
        cluster.add()
        yield cluster
    finally:
        cluster.stop()


def main() -> None:
    """Run the commands of the input."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    nodes = []
    print(cluster.address, flush=True)
    for line in sys.stdin:
        if line.strip() == "add":
            nodes.append(_add_node(cluster))
        else:
            cluster.remove_node(nodes.pop(), allow_graceful=False)
        print("done", flush=True)
    cluster.shutdown()


def _add_node(cluster: Any, attempts: int = 3) -> Any:
    """Start a node; a busy machine may exceed the half minute that Ray allows, so try several times."""
    try:
        return cluster.add_node(num_cpus=1)
    except Exception:
        if attempts == 1:
            raise
        return _add_node(cluster, attempts - 1)


if __name__ == "__main__":
    main()

"""Becoming a driver of a Ray cluster, and what its nodes have."""

import os
import re
import socket
import sys
from pathlib import Path

from suite.engines.capacity import Capacity
from suite.engines.fork_server import ENVIRONMENT
from suite.errors import UsageError

SECONDS_TO_CONNECT = 5.0
PASSED_ON = re.compile(r"SUITE_\w+|HF_HOME|HF_HUB_CACHE|HF_HUB_OFFLINE|TORCH_HOME|XDG_CACHE_HOME")


def connect(address: str) -> None:
    """Become a driver of a Ray cluster, once; raises UsageError that says what is wrong with the address."""
    try:
        import ray
    except ImportError as error:
        install = "pip install 'synthetic-data-suite[ray]'"
        raise UsageError(f"--engine ray: Ray is not installed: {install}, or choose --engine local") from error
    if ray.is_initialized():
        return
    where = (os.environ.get("RAY_ADDRESS") or address) if address == "auto" else address
    if where != "auto":
        _knock(where)
    paths = [str(path) for path in map(Path.absolute, map(Path, sys.path)) if not is_installed(path)]
    variables = {**ENVIRONMENT, **{name: value for name, value in os.environ.items() if PASSED_ON.fullmatch(name)}}
    variables |= {"PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))} if paths else {}
    try:
        ray.init(address=where, runtime_env={"env_vars": variables}, log_to_driver=False, logging_level="ERROR")
    except ConnectionError as error:
        raise UsageError(
            f"--ray-address {where}: no Ray cluster runs on this machine: `ray start --head` starts one"
        ) from error
    except Exception as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"--ray-address {where}: {type(error).__name__}: {reason}") from error


def _knock(address: str) -> None:
    host, _, port = address.rpartition(":")
    if not re.fullmatch(r"[\w.-]+|\[[\w:]+\]", host) or not port.isdecimal():
        raise UsageError(f"--ray-address {address}: give auto or HOST:PORT, with the port that `ray start` printed")
    try:
        socket.create_connection((host.strip("[]"), int(port)), SECONDS_TO_CONNECT).close()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"--ray-address {address}: nothing answers there ({reason})") from error


def nodes() -> list[Capacity]:
    """Return what each living node of the cluster has in all."""
    import ray

    return [Capacity.of_node(node["Resources"]) for node in ray.nodes() if node["Alive"]]


def is_installed(path: Path) -> bool:
    """Return whether every node has a directory of modules by itself, as part of its Python."""
    roots = {Path(root).resolve() for root in (sys.prefix, sys.base_prefix)}
    return not path.exists() or any(path.resolve().is_relative_to(root) for root in roots)

"""Connecting to a Ray cluster, and the capacity of its nodes."""

import os
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from suite.engines.capacity import Capacity
from suite.engines.fork_server import ENVIRONMENT
from suite.errors import UsageError, one_line

SECONDS_TO_CONNECT = 5.0
FORWARDED_VARIABLES = re.compile(r"SUITE_\w+|HF_HOME|HF_HUB_CACHE|HF_HUB_OFFLINE|TORCH_HOME|XDG_CACHE_HOME")
NO_CLUSTER = "Could not find any running Ray instance"  # what Ray says if `auto` finds none
# How Ray reports a missing or wrong token: as the exception itself, or in the traceback that another one quotes.
_AUTHENTICATION_ERROR = re.compile(r"\bAuthenticationError: (?:RPC error: )?(.*)")


def connect(address: str) -> None:
    """Connect to a Ray cluster as a driver, unless this process is connected already.

    Args:
        address: ``auto`` for the cluster that this machine is a node of, or ``HOST:PORT``.

    Raises:
        UsageError: If Ray is not installed, or the cluster cannot be connected to.
    """
    try:
        import ray
    except ImportError as error:
        install = "pip install 'synthetic-data-suite[ray]'"
        raise UsageError(f"--engine ray: Ray is not installed: {install}, or choose --engine local") from error
    if ray.is_initialized():
        return
    if address == "auto":
        address = os.environ.get("RAY_ADDRESS") or address
    if address != "auto":
        _check_reachable(address)
    paths = [str(path) for path in map(Path.absolute, map(Path, sys.path)) if not is_installed(path)]
    forwarded = {name: value for name, value in os.environ.items() if FORWARDED_VARIABLES.fullmatch(name)}
    variables = {**ENVIRONMENT, **forwarded}
    variables |= {"PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))} if paths else {}
    try:
        ray.init(address=address, runtime_env={"env_vars": variables}, log_to_driver=False, logging_level="ERROR")
    except Exception as error:
        raise UsageError(f"--ray-address {address}: {_failure_reason(error)}") from error


def _failure_reason(error: Exception) -> str:
    """Return in one line why Ray could not connect and, if it is known, what to do."""
    texts = list(_error_texts(error))
    for text in texts:
        if match := _AUTHENTICATION_ERROR.search(text):
            reason = one_line(match[1]).partition(". ")[0]
            return (
                f"the Ray cluster refuses the connection ({reason}): "
                "set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH as on the cluster"
            )
    if any(NO_CLUSTER in text for text in texts):
        return "no Ray cluster runs on this machine: `ray start --head` starts one"
    first, *causes = texts
    # A cause may quote a whole traceback, whose last line is the error.
    details = [one_line(text.strip().splitlines()[-1]) for text in causes]
    return f"{one_line(first)} ({'; '.join(details)})" if details else one_line(first)


def _error_texts(error: BaseException | None) -> Iterator[str]:
    """Yield type and message of an error and of its causes."""
    while error is not None:
        yield f"{type(error).__name__}: {error}"
        error = error.__cause__


def _check_reachable(address: str) -> None:
    """Raise UsageError unless ``address`` has the form HOST:PORT and the port accepts a connection."""
    host, _, port = address.rpartition(":")
    if not re.fullmatch(r"[\w.-]+|\[[\w:]+\]", host) or not port.isdecimal():
        raise UsageError(f"--ray-address {address}: give auto or HOST:PORT, with the port that `ray start` printed")
    try:
        socket.create_connection((host.strip("[]"), int(port)), SECONDS_TO_CONNECT).close()
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"--ray-address {address}: nothing answers there ({reason})") from error


def nodes() -> list[Capacity]:
    """Return the total capacity of each live node of the cluster."""
    import ray

    return [Capacity.of_node(node["Resources"]) for node in ray.nodes() if node["Alive"]]


def is_installed(path: Path) -> bool:
    """Return whether a module directory belongs to the Python installation, which every node has.

    Args:
        path: Entry of ``sys.path``; True for one that does not exist.
    """
    roots = {Path(root).resolve() for root in (sys.prefix, sys.base_prefix)}
    return not path.exists() or any(path.resolve().is_relative_to(root) for root in roots)

"""Main function of forked processes that report their state, for tests of the fork server."""

import os
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection

from suite.compute import Compute
from suite.engines.build import versions
from suite.engines.fork_server import ENVIRONMENT


@dataclass(frozen=True)
class ProcessState:
    """State of a forked process.

    Attributes:
        modules: Names of the imported modules.
        path: ``sys.path``.
        environment: Environment variables that builds need.
        server: Process id of the server.
        late_imports: Modules imported by what every build does first.
        gpus: ``CUDA_VISIBLE_DEVICES``.
        has_lost_cuda: Whether torch refuses to use CUDA because it was initialised before the fork.
    """

    modules: frozenset[str]
    path: tuple[str, ...]
    environment: dict[str, str | None]
    server: int
    late_imports: frozenset[str]
    gpus: str | None
    has_lost_cuda: bool


def send_state(pipe: Connection) -> None:
    """Wait for a message, then send the state of this process."""
    pipe.recv()
    modules = frozenset(sys.modules)
    if "torch" in modules:
        Compute().apply()
        versions()
    environment = {name: os.environ.get(name) for name in ENVIRONMENT}
    pipe.send(
        ProcessState(
            modules=modules,
            path=tuple(sys.path),
            environment=environment,
            server=os.getppid(),
            late_imports=frozenset(sys.modules) - modules,
            gpus=os.environ.get("CUDA_VISIBLE_DEVICES"),
            has_lost_cuda="torch" in modules and sys.modules["torch"].cuda._is_in_bad_fork(),
        )
    )

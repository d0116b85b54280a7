"""What processes say that a server has forked."""

import os
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection

from suite.compute import Compute
from suite.engines.build import versions
from suite.engines.fork_server import ENVIRONMENT


@dataclass(frozen=True)
class Surroundings:
    """What a process finds itself in.

    Attributes:
        modules: What is imported.
        path: Where more is looked for.
        environment: The variables that builds need.
        server: Number of the process that forked it.
        first_steps: What is imported by what every build does first.
        gpus: What CUDA is told to see.
        has_lost_cuda: Whether torch refuses to use CUDA here, because GPUs were looked at before the fork.
    """

    modules: frozenset[str]
    path: tuple[str, ...]
    environment: dict[str, str | None]
    server: int
    first_steps: frozenset[str]
    gpus: str | None
    has_lost_cuda: bool


def tell(pipe: Connection) -> None:
    """Wait for a word; what is to be told then, is in what surroundings this process is."""
    pipe.recv()
    modules = frozenset(sys.modules)
    if "torch" in modules:
        Compute().apply()
        versions()
    environment = {name: os.environ.get(name) for name in ENVIRONMENT}
    pipe.send(
        Surroundings(
            modules=modules,
            path=tuple(sys.path),
            environment=environment,
            server=os.getppid(),
            first_steps=frozenset(sys.modules) - modules,
            gpus=os.environ.get("CUDA_VISIBLE_DEVICES"),
            has_lost_cuda="torch" in modules and sys.modules["torch"].cuda._is_in_bad_fork(),
        )
    )

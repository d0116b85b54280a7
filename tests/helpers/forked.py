"""What processes say that a server has forked."""

import os
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection

from suite.compute import Compute
from suite.engines.build import versions
from suite.engines.server import ENVIRONMENT


@dataclass(frozen=True)
class Surroundings:
    """What a process finds itself in.

    Attributes:
        modules: What is imported.
        path: Where more is looked for.
        environment: The variables that builds need.
        server: Number of the process that forked it.
        first_steps: What is imported by what every build does first.
    """

    modules: frozenset[str]
    path: tuple[str, ...]
    environment: dict[str, str | None]
    server: int
    first_steps: frozenset[str]


def tell(pipe: Connection) -> None:
    """Wait for a word; what is to be told then, is in what surroundings this process is."""
    pipe.recv()
    modules = frozenset(sys.modules)
    if "torch" in modules:
        Compute().apply()
        versions()
    environment = {name: os.environ.get(name) for name in ENVIRONMENT}
    pipe.send(Surroundings(modules, tuple(sys.path), environment, os.getppid(), frozenset(sys.modules) - modules))

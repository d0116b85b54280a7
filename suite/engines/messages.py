"""What a build says while it goes on, and how it ends; the same from a process of this machine and from a cluster."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Started:
    """It was begun."""


@dataclass(frozen=True)
class Advanced:
    """``done`` of ``total`` units of work are done."""

    done: int
    total: int


@dataclass(frozen=True)
class Built:
    """The artifact is in the store, ``seconds`` after its build began."""

    seconds: float


@dataclass(frozen=True)
class Busy:
    """Another process is building it."""


@dataclass(frozen=True)
class MissingInput:
    """An artifact that it reads is damaged or gone."""

    key: str
    message: str


@dataclass(frozen=True)
class Failed:
    """It cannot be built; ``message`` is one line for the person who reads the table."""

    message: str


@dataclass(frozen=True)
class WorkerDied:
    """What built it came to an end without a word."""

    message: str


Answer = Built | Busy | MissingInput | Failed | WorkerDied
Message = Started | Advanced | Answer

"""Messages of a build to its engine: the same from a local process and from a task on a cluster."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Started:
    """The build started."""


@dataclass(frozen=True)
class Progressed:
    """The build made progress.

    Attributes:
        done: Finished units of work.
        total: All units of work.
    """

    done: int
    total: int


@dataclass(frozen=True)
class Built:
    """The artifact is in the store.

    Attributes:
        seconds: Duration of the build.
    """

    seconds: float


@dataclass(frozen=True)
class Busy:
    """Another process is building the same recipe."""


@dataclass(frozen=True)
class MissingInput:
    """An artifact that the build reads is damaged or missing.

    Attributes:
        key: Key of that artifact.
        message: What is wrong with it, in one line.
    """

    key: str
    message: str


@dataclass(frozen=True)
class Failed:
    """The recipe cannot be built.

    Attributes:
        message: The reason, in one line for the user.
    """

    message: str


@dataclass(frozen=True)
class WorkerDied:
    """The process or task of the build ended without an outcome.

    Attributes:
        message: What is known about it, in one line.
    """

    message: str


Outcome = Built | Busy | MissingInput | Failed | WorkerDied
Message = Started | Progressed | Outcome

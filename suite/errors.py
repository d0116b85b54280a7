"""Errors with a message for the user: one line that says what is wrong, where, and what to do."""

from pydantic import ValidationError


class SuiteError(Exception):
    """Base of every error whose message is shown to the user without a traceback."""


class UsageError(SuiteError):
    """Invalid option, name or setting; nothing was started."""


class Unavailable(SuiteError):  # noqa: N818 - describes this machine, not a mistake
    """Something that a case needs is not on this machine; the other cases continue."""


class DownloadFailed(SuiteError):  # noqa: N818
    """A download failed, or the file differs from the published one; the cases that need it fail."""


class BadData(SuiteError):  # noqa: N818
    """Images or labels that cannot be used; the message names the file."""


class BadArtifact(SuiteError):  # noqa: N818
    """Damaged artifact: its bytes do not match its manifest.

    Attributes:
        key: Key of the artifact, by which the engine can set it aside and build it again.
    """

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key

    def __reduce__(self) -> tuple[type["BadArtifact"], tuple[str, str]]:
        """Keep both arguments when the error is pickled between processes."""
        return type(self), (self.key, str(self))


class StoreFailed(SuiteError):  # noqa: N818
    """The store is full, read-only or missing; finished artifacts stay in it, and the next run continues from them."""


class Diverged(SuiteError):  # noqa: N818
    """A training or sampling step failed numerically: a loss that is not finite, or images that are all identical."""


def one_line(text: object) -> str:
    """Return text from a file or a library as one line, with unprintable characters escaped."""
    line = " ".join(str(text).split())
    if line.isprintable():
        return line
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape", "backslashreplace").decode()
        for character in line
    )


def first_mistake(error: ValidationError) -> str:
    """Return the path and the message of the first error in a configuration or a result."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return one_line(f"{where}: {first['msg']}" if where else first["msg"])

"""The errors a user is meant to read: one line that says what is wrong, where, and what to do."""

from pydantic import ValidationError


class SuiteError(Exception):
    """Base of every error whose message is written for the person at the terminal."""


class UsageError(SuiteError):
    """An option, a name or a setting that cannot be meant; nothing was started."""


class Unavailable(SuiteError):  # noqa: N818 - a state of the world, not a mistake
    """Something a case needs is not on this machine; the other cases go on."""


class NotFetched(SuiteError):  # noqa: N818
    """Something that was to be downloaded and could not be, or is not what was published; its cases fail."""


class BadData(SuiteError):  # noqa: N818
    """Images or labels that cannot be used as they are; names the file."""


class BadArtifact(SuiteError):  # noqa: N818
    """An artifact whose bytes are not what its manifest promises.

    ``key`` says which, so that the engine can set it aside and build it again.
    """

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key

    def __reduce__(self) -> tuple[type["BadArtifact"], tuple[str, str]]:
        """Keep both arguments when the error crosses a process boundary."""
        return type(self), (self.key, str(self))


class StoreFailed(SuiteError):  # noqa: N818
    """The store is full, read-only or gone; whatever is finished in it stays, and the next run goes on."""


class Diverged(SuiteError):  # noqa: N818
    """A step whose numbers stopped making sense: a loss that is not finite, images that are all alike."""


def one_line(text: object) -> str:
    """Return what may come from a file or a library as one printable line."""
    said = " ".join(str(text).split())
    if said.isprintable():
        return said
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape", "backslashreplace").decode()
        for letter in said
    )


def first_mistake(error: ValidationError) -> str:
    """Return where the first mistake in a configuration or a result is, and what is wrong there."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return one_line(f"{where}: {first['msg']}" if where else first["msg"])

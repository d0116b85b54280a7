"""Remove the user's home directory from published texts: paths under it begin with ``~``."""

import os
import re
from typing import TypeVar

from pydantic import BaseModel

ModelT = TypeVar("ModelT", bound=BaseModel)


def without_home(published: ModelT) -> ModelT:
    """Return the model with the home directory replaced by ``~`` in all of its texts, nested ones included."""
    home = os.path.expanduser("~")  # noqa: PTH111 - unlike Path.home, expanduser never raises
    homes = sorted({path for path in (home, os.path.realpath(home)) if len(path) > 1}, key=len, reverse=True)
    if not homes:
        return published
    path = re.compile(rf"(?<![\w/.-])(?:{'|'.join(map(re.escape, homes))})(?![\w.-])")
    return type(published).model_validate(_replaced(published.model_dump(), path))


def _replaced(value: object, path: re.Pattern[str]) -> object:
    if isinstance(value, str):
        return path.sub("~", value)
    if isinstance(value, dict):
        return {name: _replaced(inner, path) for name, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_replaced(inner, path) for inner in value]
    return value

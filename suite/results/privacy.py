"""What is sent to others names nobody: a path under the home directory begins with ``~``."""

import os
import re
from typing import TypeVar

from pydantic import BaseModel

ModelT = TypeVar("ModelT", bound=BaseModel)


def without_home(published: ModelT) -> ModelT:
    """Return a model in whose texts, however deep, the path of the home directory is ``~``."""
    home = os.path.expanduser("~")  # noqa: PTH111 - unlike Path.home it never raises
    data_paths = sorted({place for place in (home, os.path.realpath(home)) if len(place) > 1}, key=len, reverse=True)
    if not data_paths:
        return published
    path = re.compile(rf"(?<![\w/.-])(?:{'|'.join(map(re.escape, data_paths))})(?![\w.-])")
    return type(published).model_validate(_replaced(published.model_dump(), path))


def _replaced(value: object, path: re.Pattern[str]) -> object:
    if isinstance(value, str):
        return path.sub("~", value)
    if isinstance(value, dict):
        return {name: _replaced(inner, path) for name, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_replaced(inner, path) for inner in value]
    return value

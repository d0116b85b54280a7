"""A benchmark of synthetic training data for image classifiers.

``evaluate``, ``load`` and ``compare`` are imported when they are first used, so that ``import suite`` takes no time.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from suite.api import Changes, Results, compare, evaluate, load

__version__ = "0.2.0"
__all__ = ["Changes", "Results", "__version__", "compare", "evaluate", "load"]


def __getattr__(name: str) -> Any:
    """Import a name of the public API."""
    if name in __all__:
        return getattr(import_module("suite.api"), name)
    raise AttributeError(f"module 'suite' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]

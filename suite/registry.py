"""Registries of plugins: built-in ones use a decorator, other distributions an entry point."""

import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from suite.errors import UsageError

# Modes, built-in generators and published sets: words of test ids that ``pytest -k`` selects by.
_CARDS = Path(__file__).parent / "datasets" / "published"
RESERVED_WORDS = (
    "org",
    "syn",
    "mix",
    "sd",
    "cd",
    "biggan",
    "folder",
    "heldback",
    *sorted(path.stem for path in _CARDS.glob("*.toml")),
)


def reserved_words_in(name: str) -> tuple[str, ...]:
    """Return the reserved words that ``name`` contains, other than ``name`` itself.

    ``pytest -k`` matches substrings and ignores case. ``-k org``, meant for the mode, therefore also selects every case
    of a dataset called ``organs``.
    """
    return tuple(word for word in RESERVED_WORDS if word in name.casefold() and word != name)


class Named(Protocol):
    """Anything with a name."""

    @property
    def name(self) -> str:
        """Name in options, cases and reports."""
        ...


PluginT = TypeVar("PluginT", bound=Named)


class Registry(Generic[PluginT]):
    """The plugins of one kind: those of one package, and the entry points of installed distributions.

    Plugin modules are imported on first access, and import heavy libraries inside functions.

    Args:
        kind: Kind of plugin for messages, such as ``generator``.
        package: Package whose modules register the built-in plugins; also the name of the entry point group.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self.package = package
        self._plugins: dict[str, PluginT] = {}
        self._loaded = False

    def register(self, plugin: type[PluginT]) -> type[PluginT]:
        """Class decorator: create a plugin of this class and register it under its ``name``.

        Raises:
            UsageError: If another plugin has the name, or if the name of a built-in plugin makes ``-k`` ambiguous.
        """
        instance = plugin()
        name = instance.name
        if (words := reserved_words_in(name)) and plugin.__module__.startswith("suite."):
            raise UsageError(f"{self.kind} {name!r} contains {words[0]!r}, so that -k {words[0]} selects it: rename it")
        registered = self._plugins.get(name)
        if registered is not None and _origin(type(registered)) != _origin(plugin):
            modules = f"{type(registered).__module__} and {plugin.__module__}"
            raise UsageError(f"two {self.kind}s are called {name!r}: {modules}")
        self._plugins[name] = instance
        return plugin

    def add(self, plugin: PluginT) -> None:
        """Register a plugin instance in this process; raises UsageError if the name is taken."""
        if plugin.name in self:
            raise UsageError(f"there is a {self.kind} called {plugin.name!r} already: choose another name")
        self._plugins[plugin.name] = plugin

    @contextmanager
    def temporarily_registered(self, plugin: PluginT) -> Iterator[None]:
        """Register a plugin inside the block only, so that tests can use plugins that are not installed.

        Raises:
            UsageError: If another plugin has its name.
        """
        registered = self._plugins.get(plugin.name) if plugin.name in self else None
        if registered is not None and _origin(type(registered)) == _origin(type(plugin)):
            yield
            return
        self.add(plugin)
        try:
            yield
        finally:
            del self._plugins[plugin.name]

    def get(self, name: str) -> PluginT:
        """Return the plugin called ``name``; raises UsageError, with the registered names, if there is none."""
        self._load()
        if name not in self._plugins:
            raise UsageError(f"unknown {self.kind} {name!r}: choose from {', '.join(self)}")
        return self._plugins[name]

    def __iter__(self) -> Iterator[str]:
        self._load()
        return iter(sorted(self._plugins))

    def __contains__(self, name: object) -> bool:
        self._load()
        return name in self._plugins

    def is_built_in(self, name: str) -> bool:
        """Return whether a plugin is part of the suite."""
        return type(self.get(name)).__module__.startswith(f"{self.package}.")

    @property
    def external_names(self) -> tuple[str, ...]:
        """Names of the plugins from other distributions, sorted."""
        return tuple(name for name in self if not self.is_built_in(name))

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True  # set before loading: plugins may access the registry while they are imported
        try:
            self._load_all()
        except BaseException:
            self._loaded = False
            raise

    def _load_all(self) -> None:
        for module in pkgutil.iter_modules(import_module(self.package).__path__):
            import_module(f"{self.package}.{module.name}")
        for entry in entry_points(group=self.package):
            try:
                self.register(entry.load())
            except UsageError:
                raise
            except Exception as error:  # a third-party module may raise anything; the message names it
                raise UsageError(f"{self.kind} {entry.name!r} from {entry.value} cannot be loaded ({error})") from error


def _origin(plugin: type) -> tuple[str, str]:
    return plugin.__module__, plugin.__qualname__

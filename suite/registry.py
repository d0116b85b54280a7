"""Registries of plugins: a decorator inside the project, an entry point from outside it."""

import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import entry_points
from typing import Generic, Protocol, TypeVar

from suite.errors import UsageError

SELECTORS = ("org", "syn", "mix", "sd", "cd", "biggan", "folder")


def reserved_in(name: str) -> tuple[str, ...]:
    """Return the modes and generators whose words are part of ``name``, and not all of it.

    ``pytest -k`` matches substrings without regard to case, so that ``-k org`` also selects every case of a dataset
    called ``organs``.
    """
    return tuple(word for word in SELECTORS if word in name.casefold() and word != name)


class Named(Protocol):
    """What every plugin has."""

    @property
    def name(self) -> str:
        """The word by which options, cases and reports call it."""
        ...


PluginT = TypeVar("PluginT", bound=Named)


class Registry(Generic[PluginT]):
    """The plugins of one kind: every module of one package, and the entry points of installed distributions.

    Nothing is imported before the first look, and plugin modules import their heavy libraries inside functions.

    Args:
        kind: The word for one plugin, for messages: ``generator``.
        package: Package whose modules register the built-in plugins; also the name of the entry point group.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self.package = package
        self._plugins: dict[str, PluginT] = {}
        self._complete = False

    def register(self, plugin: type[PluginT]) -> type[PluginT]:
        """Class decorator: make one plugin of this class known under its ``name``.

        Raises:
            UsageError: If another plugin has the name, or if a built-in one would make ``-k`` ambiguous.
        """
        made = plugin()
        if (words := reserved_in(made.name)) and plugin.__module__.startswith("suite."):
            raise UsageError(f"{self.kind} {made.name!r} contains {words[0]!r}, which -k would select too: rename it")
        known = self._plugins.get(made.name)
        if known is not None and _origin(type(known)) != _origin(plugin):
            owners = f"{type(known).__module__} and {plugin.__module__}"
            raise UsageError(f"two {self.kind}s are called {made.name!r}: {owners}")
        self._plugins[made.name] = made
        return plugin

    def add(self, plugin: PluginT) -> None:
        """Make a plugin that a command line names known to this process; raises UsageError if the name is taken."""
        if plugin.name in self:
            raise UsageError(f"there is a {self.kind} called {plugin.name!r} already: choose another name")
        self._plugins[plugin.name] = plugin

    @contextmanager
    def knowing(self, plugin: PluginT) -> Iterator[None]:
        """Know a plugin inside the block, installed or not; raises UsageError if its name is another's.

        For tests of plugins, which need not be installed for it.
        """
        known = self._plugins.get(plugin.name) if plugin.name in self else None
        if known is not None and _origin(type(known)) == _origin(type(plugin)):
            yield
            return
        self.add(plugin)
        try:
            yield
        finally:
            del self._plugins[plugin.name]

    def get(self, name: str) -> PluginT:
        """Return the plugin called ``name``; raises UsageError that names the choices."""
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
        """Return whether a plugin comes with the suite."""
        return type(self.get(name)).__module__.startswith(f"{self.package}.")

    @property
    def from_outside(self) -> tuple[str, ...]:
        """The names of the plugins that other distributions bring, sorted."""
        return tuple(name for name in self if not self.is_built_in(name))

    def _load(self) -> None:
        if self._complete:
            return
        self._complete = True  # already, for plugins may look at each other while they are loaded
        try:
            self._load_all()
        except BaseException:
            self._complete = False
            raise

    def _load_all(self) -> None:
        for module in pkgutil.iter_modules(import_module(self.package).__path__):
            import_module(f"{self.package}.{module.name}")
        for entry in entry_points(group=self.package):
            try:
                self.register(entry.load())
            except UsageError:
                raise
            except Exception as error:  # a stranger's module may fail in any way; say whose it is
                raise UsageError(f"{self.kind} {entry.name!r} from {entry.value} cannot be loaded ({error})") from error


def _origin(plugin: type) -> tuple[str, str]:
    return plugin.__module__, plugin.__qualname__

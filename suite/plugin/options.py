"""The options: on the command line, in the ini file, the places also in the environment."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from suite import devices
from suite.errors import UsageError
from suite.planning.profiles import profile_names
from suite.planning.variants import SWEEPS

GROUP = "does synthetic training data help?"


@dataclass(frozen=True)
class Option:
    """One option, in its three forms.

    Attributes:
        name: Long form without the dashes; the ini form is ``suite_`` and the name with underscores.
        help: One line.
        default: Value where nobody says anything.
        read: Turns text into the value; raises ValueError.
        environment: Name of the environment variable, for places.
        many: Whether it may be given several times; ini and environment separate by the path separator.
        flag: Whether it takes no value.
        ini: Whether it has an ini form; one-time actions have none.
    """

    name: str
    help: str
    default: Any = None
    read: Callable[[str], Any] = str
    environment: str | None = None
    many: bool = False
    flag: bool = False
    ini: bool = True

    @property
    def dest(self) -> str:
        """Name in pytest's configuration, and in the ini file."""
        return f"suite_{self.name.replace('-', '_')}"

    def value(self, config: pytest.Config) -> Any:
        """Return what was said, most specific first: command line, environment, ini file, default.

        Relative places in the ini file are relative to it.
        """
        given, base = config.getoption(self.dest), Path()
        if given is None and self.environment and os.environ.get(self.environment):
            given = os.environ[self.environment]
            given = given.split(os.pathsep) if self.many else given
        if given is None and self.ini:
            given, base = config.getini(self.dest) or None, config.rootpath
            given = given.split(os.pathsep) if self.many and isinstance(given, str) else given
        if given is None:
            return self.default
        if isinstance(given, bool):  # a flag on the command line
            return given
        return tuple(self._read(one, base) for one in given) if self.many else self._read(given, base)

    def _read(self, text: str, base: Path) -> Any:
        try:
            value = _boolean(text) if self.flag else self.read(text)
        except ValueError as error:
            raise UsageError(f"--{self.name} {text}: {error}") from error
        return base / value.expanduser() if isinstance(value, Path) else value


def _boolean(text: str) -> bool:
    values = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if text.lower() not in values:
        raise ValueError("choose true or false")
    return values[text.lower()]


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"choose from {', '.join(choices)}")
        return text

    return read


def _from(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise ValueError(f"give a whole number from {least}")
        return int(text)

    return read


_positive = _from(1)


def _named(text: str) -> tuple[str, Path]:
    name, separator, path = text.partition("=")
    if not (name and separator and path):
        raise ValueError("give NAME=PATH")
    return name, Path(path)


def _jobs(text: str) -> int | None:
    return None if text == "auto" else _positive(text)


OPTIONS = (
    Option("profile", f"budget: {', '.join(profile_names())} (default: smoke)", None, _one_of(*profile_names())),
    Option("seeds", "classifier seeds (default: the profile's)", read=_positive),
    Option("generator-seeds", "generator seeds (default: the profile's)", read=_positive),
    Option("evaluate", "split to test on; tune on validation only", "test", _one_of("test", "validation")),
    Option("data-root", "directory with datasets; may be repeated", (), Path, "SUITE_DATA_ROOT", many=True),
    Option("store", "directory of artifacts (default: .store)", None, Path, "SUITE_STORE"),
    Option("reports", "directory of reports (default: reports)", None, Path, "SUITE_REPORTS"),
    Option("device", "device to compute on", "auto", _one_of(*devices.CHOICES)),
    Option("jobs", "worker processes, or auto", None, _jobs),
    Option("engine", "where to build: local, or ray for a Ray cluster", "local", _one_of("local", "ray")),
    Option("ray-address", "the Ray cluster: auto, or HOST:PORT", "auto"),
    Option("download", "fetch datasets and weights that are missing", False, flag=True),
    Option("image-size", "height and width of all images (default: the profile's)", read=_from(4)),
    Option("limit-steps", "cut every longer training and sampling to so many steps", read=_positive, ini=False),
    Option("sweep", f"also run variants: {', '.join(SWEEPS)}, all", (), _one_of(*SWEEPS, "all"), many=True),
    Option("real", "judge this dataset alone: a directory or zip", None, Path, ini=False),
    Option("synthetic", "NAME=PATH: images that exist, a generator called NAME", (), _named, many=True, ini=False),
    Option("force", "build again what the store already has", False, flag=True, ini=False),
    Option(
        "plan",
        "print what would be done, what is missing and what it takes, and do nothing",
        False,
        flag=True,
        ini=False,
    ),
    Option("report-only", "make the report again from its bundle, and run nothing", False, flag=True, ini=False),
    Option("merge", "bundle.zip of an earlier run: add its datasets; may be repeated", (), Path, many=True, ini=False),
    Option("note", "what a reader of the report must know; may be repeated", (), many=True, ini=False),
    Option("compare", "what changed beyond noise since this results.json or bundle.zip?", None, Path, ini=False),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare every option on the command line and in the ini file."""
    group = parser.getgroup(GROUP)
    for option in OPTIONS:
        action = "store_true" if option.flag else "append" if option.many else "store"
        extra = {} if option.flag else {"metavar": option.name.split("-")[-1].upper()}
        also = f" [${option.environment}]" if option.environment else ""
        group.addoption(
            f"--{option.name}", action=action, dest=option.dest, default=None, help=option.help + also, **extra
        )
        if option.ini:
            parser.addini(option.dest, option.help, default=None)

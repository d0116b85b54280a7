"""The table of options: of the plugin, of the command line and of the Python API; paths also in the environment."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suite import devices
from suite.errors import UsageError
from suite.planning.axes import SWEEPS
from suite.planning.classifier_plan import find_classifier
from suite.planning.profiles import profile_names

FAILURES = ("hurts", "undecided", "not-valid")


@dataclass(frozen=True)
class Option:
    """One option on the command line, in the environment and in the ini file.

    Attributes:
        name: Long form without the dashes; the ini form is ``suite_`` and the name with underscores.
        help: Help text, one line.
        default: Value if the option is not given.
        read: Converts text to the value; raises ValueError.
        environment: Name of the environment variable; only paths have one.
        many: Whether the option may be repeated; in the ini file and the environment, values are separated as in PATH.
        once: Whether giving the option twice is an error; of the other options the last one counts.
        flag: Whether the option takes no value.
        ini: Whether the option has an ini form; actions for a single run have none.
    """

    name: str
    help: str
    default: Any = None
    read: Callable[[str], Any] = str
    environment: str | None = None
    many: bool = False
    once: bool = False
    flag: bool = False
    ini: bool = True

    @property
    def dest(self) -> str:
        """Name in the configuration of pytest and argparse, and in the ini file."""
        return f"suite_{self.python_name}"

    @property
    def python_name(self) -> str:
        """Name as a keyword argument."""
        return self.name.replace("-", "_")

    @property
    def argument(self) -> dict[str, Any]:
        """Keyword arguments of ``ArgumentParser.add_argument``, and of pytest's ``addoption``."""
        action = "store_true" if self.flag else "append" if self.many or self.once else "store"
        variable = f" [${self.environment}]" if self.environment else ""
        extra = {} if self.flag else {"metavar": self.name.split("-")[-1].upper()}
        return {"action": action, "dest": self.dest, "default": None, "help": self.help + variable, **extra}

    def value(self, given: Any, ini: Any = None, ini_folder: Path = Path()) -> Any:
        """Return the value from the command line, else the environment, else the ini file, else the default.

        Args:
            given: Text on the command line, a sequence of texts if the option may be repeated, True for a flag; None if
                it is not given.
            ini: Text in the ini file; None or empty if it is not there.
            ini_folder: Directory that relative paths in the ini file are relative to.

        Raises:
            UsageError: If the text cannot be converted, or an option is repeated that may be given once.
        """
        value, base = given, Path()
        if value is not None and self.once:
            if len(value) > 1:
                raise UsageError(f"--{self.name} is given {len(value)} times ({', '.join(value)}): give it once")
            (value,) = value
        if value is None and self.environment and os.environ.get(self.environment):
            value = os.environ[self.environment]
            value = value.split(os.pathsep) if self.many else value
        if value is None and ini:
            value, base = ini, ini_folder
            value = value.split(os.pathsep) if self.many and isinstance(value, str) else value
        if value is None:
            return self.default
        if isinstance(value, bool):  # a flag on the command line
            return value
        return tuple(self._read(text, base) for text in value) if self.many else self._read(value, base)

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


def _whole(minimum: int, maximum: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal():
            raise ValueError(f"give a whole number from {minimum}")
        if len(text) > len(str(maximum)) or int(text) > maximum:  # int() refuses a text of thousands of digits
            raise ValueError(f"give at most {maximum}")
        if int(text) < minimum:
            raise ValueError(f"give a whole number from {minimum}")
        return int(text)

    return read


def _named_path(text: str) -> tuple[str, Path]:
    name, separator, path = text.partition("=")
    if not (name and separator and path):
        raise ValueError("give NAME=PATH")
    return name, Path(path)


def _whole_or_auto(minimum: int, maximum: int) -> Callable[[str], int | None]:
    return lambda text: None if text == "auto" else _whole(minimum, maximum)(text)


def _classifier(text: str) -> str:
    try:
        find_classifier(text)
    except UsageError as error:
        raise ValueError(str(error)) from error
    return text


def _ratio(text: str) -> float:
    if not text.replace(".", "", 1).isdecimal() or not 0.01 <= float(text) <= 1000:
        raise ValueError("give a number from 0.01 to 1000")
    return float(text)


def _seconds(text: str) -> float:
    units = {"s": 1, "m": 60, "h": 3600}
    number, unit = text[:-1], text[-1:]
    if unit not in units or not number.replace(".", "", 1).isdecimal() or float(number) == 0:
        raise ValueError("give a time such as 90s, 30m or 2h")
    return float(number) * units[unit]


OPTIONS = (
    Option("profile", f"budget: {', '.join(profile_names())} (default: smoke)", None, _one_of(*profile_names())),
    Option(
        "classifier",
        "resnet18, linear-probe, fine-tune or a plugin's, with its network after a colon: linear-probe:dinov2 "
        "(default: resnet18; with --real linear-probe)",
        read=_classifier,
    ),
    Option(
        "seeds",
        "most classifier seeds of a cell, or auto, the profile's number; only undecided cells get more than 5",
        None,
        _whole_or_auto(1, 1000),
    ),
    Option("generator-seeds", "generator seeds, each paired with a classifier seed (default: 1)", read=_whole(1, 1000)),
    Option(
        "budget", "time after which the last complete look counts, such as 90s, 30m or 2h", None, _seconds, ini=False
    ),
    Option(
        "fail-on",
        f"exit with 1 if a MIX cell has this verdict: {', '.join(FAILURES)}; may be repeated",
        (),
        _one_of(*FAILURES),
        many=True,
    ),
    Option(
        "per-class", "real training images per class (default: the profile's; with --real all)", read=_whole(2, 10**7)
    ),
    Option("keep-test-duplicates", "with --real: test also on images of the train split", False, flag=True),
    Option(
        "ceiling",
        "with --real: train on half of the real images, and add the other half in place of synthetic ones",
        False,
        flag=True,
        ini=False,
    ),
    Option("amount", "synthetic images per real one of each class, where there are as many", 1.0, _ratio),
    Option("evaluate", "split to test on; tune on validation only", "test", _one_of("test", "validation")),
    Option("groups", "column of metadata.csv, such as site or device: also show accuracy by its values", None),
    Option("data-root", "directory that holds datasets; may be repeated", (), Path, "SUITE_DATA_ROOT", many=True),
    Option("store", "directory of artifacts (default: .store)", None, Path, "SUITE_STORE"),
    Option("reports", "directory of reports (default: reports)", None, Path, "SUITE_REPORTS"),
    Option("device", "device to compute on", "auto", _one_of(*devices.CHOICES)),
    Option("jobs", "worker processes, or auto", None, _whole_or_auto(1, 1024)),
    Option("engine", "engine that builds: local, or ray for a Ray cluster", "local", _one_of("local", "ray")),
    Option("ray-address", "address of the Ray cluster: auto, or HOST:PORT", "auto"),
    Option("download", "download datasets and weights that are missing", False, flag=True),
    Option("image-size", "height and width of all images (default: the profile's)", read=_whole(4, 4096)),
    Option(
        "limit-steps",
        "limit the steps of every training and sampling, for a quick trial",
        read=_whole(1, 10**7),
        ini=False,
    ),
    Option("sweep", f"also run variants: {', '.join(SWEEPS)}, all", (), _one_of(*SWEEPS, "all"), many=True),
    Option("real", "evaluate only your own images: a directory or zip", None, Path, once=True, ini=False),
    Option(
        "synthetic",
        "NAME=PATH: a folder or zip of synthetic images, shown as generator NAME; may be repeated",
        (),
        _named_path,
        many=True,
        ini=False,
    ),
    Option("force", "rebuild what the store already has", False, flag=True, ini=False),
    Option(
        "plan",
        "dry run: print what would be built, what is missing and what it costs, and stop",
        False,
        flag=True,
        ini=False,
    ),
    Option("report-only", "make the report from its bundle and run nothing", False, flag=True, ini=False),
    Option(
        "merge",
        "bundle.zip of an earlier run whose datasets are added to the report; may be repeated",
        (),
        Path,
        many=True,
        ini=False,
    ),
    Option("note", "note for the readers of the report; may be repeated", (), many=True, ini=False),
    Option(
        "compare", "results.json or bundle.zip of an earlier run: show what changed beyond noise", None, Path, ini=False
    ),
)

NOT_FOR_JUDGE = ("data-root", "real", "synthetic", "merge", "report-only")
JUDGE_OPTIONS = tuple(option for option in OPTIONS if option.name not in NOT_FOR_JUDGE)


def option_values(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of every option by its name, without an ini file.

    Args:
        given: What was given, by name: text, a sequence of texts if the option may be repeated, True for a flag.

    Raises:
        UsageError: If a text cannot be converted.
    """
    return {option.name: option.value(given.get(option.name)) for option in OPTIONS}

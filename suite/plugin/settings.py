"""What the options come to, checked against this machine."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from suite import devices
from suite.artifacts import Places
from suite.datasets.imagefolder import name_of, root_of
from suite.errors import UsageError
from suite.planner import Choice
from suite.plugin.options import OPTIONS
from suite.variants import SWEEPS, Axis


@dataclass(frozen=True)
class Settings:
    """What the options came to.

    Attributes:
        profile: Name of the profile.
        choice: What replaces parts of it.
        places: Where data lies.
        store: Directory of artifacts.
        reports: Directory of reports.
        device: Kind of device: cpu, cuda or mps; with a cluster also auto, for what it has.
        jobs: Worker processes, None for as many as the machine carries.
        engine: ``local`` or ``ray``.
        ray_address: Which Ray cluster: auto, or HOST:PORT.
        axes: Axes to sweep.
        real: Name of the one dataset to judge; None for all of them.
        force: Whether to build again what is there.
        plan: Whether to print the plan and stop.
    """

    profile: str
    choice: Choice
    places: Places
    store: Path
    reports: Path
    device: str
    jobs: int | None
    engine: str
    ray_address: str
    axes: tuple[Axis, ...]
    real: str | None
    force: bool
    plan: bool


def read_settings(config: pytest.Config) -> Settings:
    """Return the settings of this run; raises UsageError that names the choices."""
    given = {option.name: option.value(config) for option in OPTIONS}
    root = config.rootpath
    store = (given["store"] or root / ".store").expanduser().absolute()
    device = _device(given["device"], given["engine"])
    real: Path | None = given["real"] and given["real"].expanduser().absolute()
    if real is not None and not real.exists():
        raise UsageError(f"--real {real} is not there: give a directory or a zip of split/class/file or class/file")
    roots = (root_of(real),) if real else tuple(_data_root(path) for path in given["data-root"])
    swept = SWEEPS if "all" in given["sweep"] else given["sweep"]
    return Settings(
        profile=given["profile"] or ("smoke" if real is None else "paper" if device == "cuda" else "cpu"),
        choice=Choice(
            seeds=given["seeds"],
            generator_seeds=given["generator-seeds"],
            evaluate=given["evaluate"],
            image_size=given["image-size"],
            limit_steps=given["limit-steps"],
        ),
        places=Places(
            data_roots=roots,
            cache=store / "downloads",
            download=given["download"],
            folders=_folders(given["synthetic"]),
        ),
        store=store,
        reports=(given["reports"] or root / "reports").expanduser().absolute(),
        device=device,
        jobs=given["jobs"],
        engine=given["engine"],
        ray_address=given["ray-address"],
        axes=tuple(axis for name in swept for axis in SWEEPS[name]),
        real=name_of(real) if real else None,
        force=given["force"],
        plan=given["plan"],
    )


def _device(name: str, engine: str) -> str:
    if engine == "local":
        return devices.resolve(name)
    if name == "mps":
        raise UsageError("--device mps is of one machine alone: choose auto, cpu or cuda with --engine ray")
    return name  # what a cluster has, only the cluster knows


def _data_root(path: Path) -> Path:
    absolute = path.expanduser().absolute()
    if not absolute.is_dir():
        raise UsageError(f"--data-root {path} is not a directory: give the folder that holds the datasets")
    if not any(absolute.iterdir()):
        raise UsageError(f"--data-root {path} is empty: put a dataset there, as a folder or zip of split/class/file")
    return absolute


def _folders(named: tuple[tuple[str, Path], ...]) -> dict[str, Path]:
    folders = {}
    for name, path in named:
        absolute = path.expanduser().absolute()
        if not absolute.exists():
            raise UsageError(f"--synthetic {name}={path} is not there: give a directory or a zip of class/file")
        if name in folders:
            raise UsageError(f"--synthetic {name} is given twice: choose another name for one of them")
        folders[name] = absolute
    return folders

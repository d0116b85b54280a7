"""What the options come to, checked against this machine."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from suite import devices
from suite.artifacts import Places
from suite.choice import Choice
from suite.datasets.locate import dataset_at
from suite.errors import UsageError
from suite.plugin.given import look_at
from suite.plugin.options import OPTIONS
from suite.profiles.choosing import choose_profile
from suite.variants import SWEEPS, Axis


@dataclass(frozen=True)
class Settings:
    """What the options came to.

    Attributes:
        profile: Name of the profile.
        chosen: Why this profile, if nobody said which; empty otherwise.
        choice: What replaces parts of it.
        places: Where data lies.
        store: Directory of artifacts.
        reports: Directory of reports; a dataset that is judged alone has one of its own in it.
        device: Kind of device: cpu, cuda or mps; with a cluster also auto, for what it has.
        jobs: Worker processes, None for as many as the machine carries.
        engine: ``local`` or ``ray``.
        ray_address: Which Ray cluster: auto, or HOST:PORT.
        sweeps: Sweeps as they were asked for.
        real: Path of the one dataset to judge; None for all of them.
        force: Whether to build again what is there.
        plan: Whether to print the plan and stop.
        report_only: Whether to make the report from its bundle and stop.
        merge: Bundles of earlier runs whose datasets are to stand beside those of this one.
        notes: What a reader of the report must know.
        compare: Results or bundle of an earlier run.
    """

    profile: str
    chosen: str
    choice: Choice
    places: Places
    store: Path
    reports: Path
    device: str
    jobs: int | None
    engine: str
    ray_address: str
    sweeps: tuple[str, ...]
    real: Path | None
    force: bool
    plan: bool
    report_only: bool
    merge: tuple[Path, ...]
    notes: tuple[str, ...]
    compare: Path | None

    @property
    def alone(self) -> str | None:
        """Name of the one dataset to judge; None for all of them."""
        return dataset_at(self.real) if self.real else None

    @property
    def axes(self) -> tuple[Axis, ...]:
        """Axes to sweep."""
        swept = SWEEPS if "all" in self.sweeps else self.sweeps
        return tuple(axis for name in swept for axis in SWEEPS[name])


def read_settings(config: pytest.Config) -> Settings:
    """Return the settings of this run; raises UsageError that names the choices."""
    given = {option.name: option.value(config) for option in OPTIONS}
    root = config.rootpath
    store = (given["store"] or root / ".store").expanduser().absolute()
    reports = (given["reports"] or root / "reports").expanduser().absolute()
    device = _device(given["device"], given["engine"], plan=given["plan"])
    real = _real(given["real"])
    places = Places(
        data_roots=() if real else tuple(_data_root(path) for path in given["data-root"]),
        alone=real,
        cache=store / "downloads",
        download=given["download"],
        folders=_folders(given["synthetic"]),
    )
    profile, chosen = _profile(given, real, places, device)
    return Settings(
        profile=profile,
        chosen=chosen,
        choice=Choice(
            seeds=given["seeds"],
            generator_seeds=given["generator-seeds"],
            evaluate=given["evaluate"],
            image_size=given["image-size"],
            limit_steps=given["limit-steps"],
        ),
        places=places,
        store=store,
        reports=reports / dataset_at(real) if real else reports,
        device=device,
        jobs=given["jobs"],
        engine=given["engine"],
        ray_address=given["ray-address"],
        sweeps=given["sweep"],
        real=real,
        force=given["force"],
        plan=given["plan"],
        report_only=given["report-only"],
        merge=tuple(path.expanduser().absolute() for path in given["merge"]),
        notes=given["note"],
        compare=given["compare"] and given["compare"].expanduser().absolute(),
    )


def _profile(given: dict[str, Any], real: Path | None, places: Places, device: str) -> tuple[str, str]:
    """Return the profile, and why if nobody said which: the one that fits a dataset which is judged alone."""
    if real is None:
        return given["profile"] or "smoke", ""
    amount = look_at(dataset_at(real), places)
    if given["profile"]:
        return given["profile"], ""
    workers = len(devices.workers(device, given["jobs"], threads=1))
    fitting = choose_profile(amount, device, workers, given["seeds"], given["image-size"])
    return fitting.name, fitting.reason


def _real(path: Path | None) -> Path | None:
    if path is None:
        return None
    absolute = Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - a link keeps its own name
    if not absolute.exists():
        raise UsageError(f"--real {path} is not there: give a directory or a zip of split/class/file or class/file")
    return absolute


def _device(name: str, engine: str, *, plan: bool) -> str:
    if engine == "ray":
        if name == "mps":
            raise UsageError("--device mps is of one machine alone: choose auto, cpu or cuda with --engine ray")
        return name  # what a cluster has, only the cluster knows
    return name if plan and name != "auto" else devices.resolve(name)  # a plan may be made for another machine


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

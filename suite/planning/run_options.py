"""Run options: what a run is asked to do, checked against this machine."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suite import devices
from suite.artifacts import DataPaths
from suite.datasets.locate import dataset_at
from suite.errors import UsageError
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.own_images import count_own_images
from suite.planning.profiles.selection import choose_profile
from suite.planning.variants import SWEEPS, Axis


@dataclass(frozen=True)
class RunOptions:
    """What the options came to.

    Attributes:
        profile: Name of the profile.
        chosen: Why this profile, if nobody said which; empty otherwise.
        overrides: What replaces parts of it.
        data_paths: Where data lies.
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
    overrides: BudgetOverrides
    data_paths: DataPaths
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


def run_options(given: Mapping[str, Any], root: Path) -> RunOptions:
    """Check option values against this machine.

    Args:
        given: Value of every option of ``suite.plugin.options``, by its name without dashes.
        root: Directory that ``.store`` and ``reports`` are in unless an option names another place.

    Raises:
        UsageError: If a value cannot be used; names the option and what to give instead.
    """
    store = (given["store"] or root / ".store").expanduser().absolute()
    reports = (given["reports"] or root / "reports").expanduser().absolute()
    device = _device(given["device"], given["engine"], plan=given["plan"])
    real = _real(given["real"])
    data_paths = DataPaths(
        data_roots=() if real else tuple(_data_root(path) for path in given["data-root"]),
        alone=real,
        cache=store / "downloads",
        download=given["download"],
        folders=_folders(given["synthetic"]),
    )
    profile, chosen = _profile(given, real, data_paths, device)
    return RunOptions(
        profile=profile,
        chosen=chosen,
        overrides=BudgetOverrides(
            seeds=given["seeds"],
            generator_seeds=given["generator-seeds"],
            evaluate=given["evaluate"],
            image_size=given["image-size"],
            limit_steps=given["limit-steps"],
        ),
        data_paths=data_paths,
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


def _profile(given: Mapping[str, Any], real: Path | None, data_paths: DataPaths, device: str) -> tuple[str, str]:
    """Return the profile, and why if nobody said which: the one that fits a dataset which is judged alone."""
    if real is None:
        return given["profile"] or "smoke", ""
    amount = count_own_images(dataset_at(real), data_paths)
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

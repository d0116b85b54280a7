"""Run options: what one run is asked to do, checked against this machine."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suite import devices
from suite.artifacts import DataPaths
from suite.datasets.dataset import datasets
from suite.datasets.locate import dataset_name
from suite.errors import UsageError
from suite.generators.generator import generators
from suite.planning.axes import AXES, SWEEPS, Axis
from suite.planning.budget_overrides import DEFAULT_CLASSIFIER, BudgetOverrides
from suite.planning.classifier_plan import PROBE, find_classifier
from suite.planning.image_counts import count_images
from suite.planning.profile_selection import choose_profile
from suite.registry import RESERVED_WORDS

KEYWORDS = ("and", "or", "not")  # operators of pytest -k


@dataclass(frozen=True)
class RunOptions:
    """The checked options of one run.

    Attributes:
        profile: Name of the profile.
        profile_reason: Why the suite chose this profile; empty if the user named one.
        overrides: Options that override the profile.
        data_paths: Where data and caches are.
        store: Directory of artifacts.
        reports: Directory of reports; with ``--real`` a subdirectory named after the dataset.
        device: Kind of device: ``cpu``, ``cuda`` or ``mps``; with Ray also ``auto``, the devices of the cluster.
        jobs: Number of worker processes; None is one for each GPU, or as many as the CPU cores allow.
        engine: ``local`` or ``ray``.
        ray_address: Address of the Ray cluster: ``auto`` or ``HOST:PORT``.
        sweeps: Names of the sweeps.
        real: Path of the only dataset of this run (``--real``); None for all datasets.
        force: Whether to rebuild artifacts that the store has.
        dry_run: Whether to print the plan and stop (``--plan``).
        report_only: Whether to make the report from its bundle and stop.
        merge: Bundles of earlier runs whose datasets are added to the report.
        notes: Notes for the readers of the report.
        compare: Results or bundle of an earlier run to compare with.
        time_budget: Seconds after which no further look is begun or finished; None is no limit.
        fail_on: Verdicts that set the exit code.
    """

    profile: str
    profile_reason: str
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
    dry_run: bool
    report_only: bool
    merge: tuple[Path, ...]
    notes: tuple[str, ...]
    compare: Path | None
    time_budget: float | None = None
    fail_on: tuple[str, ...] = ()

    @property
    def only_dataset(self) -> str | None:
        """Name of the dataset given with ``--real``; None for all datasets."""
        return dataset_name(self.real) if self.real else None

    @property
    def axes(self) -> tuple[Axis, ...]:
        """Axes to sweep."""
        sweeps = SWEEPS if "all" in self.sweeps else self.sweeps
        return tuple(AXES[axis] for name in sweeps for axis in SWEEPS[name])


def check_options(values: Mapping[str, Any], root: Path) -> RunOptions:
    """Check option values against this machine.

    Args:
        values: Value of every option of ``suite.planning.options``, by its name without dashes.
        root: Directory of ``.store`` and ``reports``, unless an option names another one.

    Raises:
        UsageError: If a value cannot be used; names the option and what to give instead.
    """
    store = (values["store"] or root / ".store").expanduser().absolute()
    reports = (values["reports"] or root / "reports").expanduser().absolute()
    device = _device(values["device"], values["engine"], dry_run=values["plan"])
    real = _real(values["real"])
    if values["ceiling"] and not real:
        raise UsageError("--ceiling is for --real: cifar10 and fashion-mnist have the generator heldback in any case")
    folders = _folders(values["synthetic"], real)
    _check_places({"--store": store, "--reports": reports}, real, folders)
    data_paths = DataPaths(
        data_roots=() if real else tuple(_data_root(path) for path in values["data-root"]),
        alone=real,
        cache=store / "downloads",
        download=values["download"],
        folders=folders,
    )
    classifier = values["classifier"] or default_classifier(real)
    profile, reason = _profile(values, real, data_paths, device, classifier)
    return RunOptions(
        profile=profile,
        profile_reason=reason,
        overrides=BudgetOverrides(
            classifier=classifier,
            max_seeds=values["seeds"],
            generator_seeds=values["generator-seeds"],
            per_class=values["per-class"],
            all_images=real is not None,
            keep_duplicates=values["keep-test-duplicates"],
            ceiling=values["ceiling"],
            amount=values["amount"],
            evaluate=values["evaluate"],
            groups=values["groups"],
            image_size=values["image-size"],
            limit_steps=values["limit-steps"],
        ),
        data_paths=data_paths,
        store=store,
        reports=reports / dataset_name(real) if real else reports,
        device=device,
        jobs=values["jobs"],
        engine=values["engine"],
        ray_address=values["ray-address"],
        sweeps=values["sweep"],
        real=real,
        force=values["force"],
        dry_run=values["plan"],
        report_only=values["report-only"],
        merge=tuple(path.expanduser().absolute() for path in values["merge"]),
        notes=values["note"],
        compare=values["compare"] and values["compare"].expanduser().absolute(),
        time_budget=values["budget"],
        fail_on=values["fail-on"],
    )


def default_classifier(real: Path | None) -> str:
    """Return the classifier if none is named: the paper's, and for one's own images the one that answers in minutes."""
    return PROBE if real else DEFAULT_CLASSIFIER


def _profile(
    values: Mapping[str, Any], real: Path | None, data_paths: DataPaths, device: str, classifier: str
) -> tuple[str, str]:
    """Return the profile and, if the suite chose it to fit the images of ``--real``, the reason."""
    if real is None:
        return values["profile"] or "smoke", ""
    images = count_images(dataset_name(real), data_paths)
    if values["profile"]:
        return values["profile"], ""
    if not find_classifier(classifier)[0].has_seeds:  # it takes minutes, whatever the profile
        return ("paper" if device == "cuda" else "cpu"), ""
    # The devices of a cluster are known only after connecting to it: assume no GPU.
    kind = "cpu" if device == "auto" else device
    workers = len(devices.worker_devices(kind, values["jobs"], threads=1))
    choice = choose_profile(images, classifier, kind, workers, values["seeds"], values["image-size"])
    return choice.profile, choice.reason


def _real(path: Path | None) -> Path | None:
    if path is None:
        return None
    absolute = Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - keeps the name of a symbolic link
    if not absolute.exists():
        raise UsageError(f"--real {path} does not exist: give a directory or zip of split/class/file or class/file")
    return absolute


def _device(name: str, engine: str, *, dry_run: bool) -> str:
    if engine == "ray":
        if name == "mps":
            raise UsageError("--device mps needs the local engine: choose auto, cpu or cuda with --engine ray")
        return name
    return name if dry_run and name != "auto" else devices.resolve(name)  # a plan may be for another machine


def _data_root(path: Path) -> Path:
    absolute = path.expanduser().absolute()
    if not absolute.is_dir():
        raise UsageError(f"--data-root {path} is not a directory: give the folder that holds the datasets")
    if not any(absolute.iterdir()):
        raise UsageError(f"--data-root {path} is empty: put a dataset there, as a folder or zip of split/class/file")
    return absolute


def _folders(named_paths: tuple[tuple[str, Path], ...], real: Path | None) -> dict[str, Path]:
    """Return the synthetic sets by name; the planner refuses names of generators, except that of ``folder``."""
    taken = {*RESERVED_WORDS, *KEYWORDS, *datasets, *([dataset_name(real)] if real else [])}
    folders: dict[str, Path] = {}
    for name, path in named_paths:
        absolute = path.expanduser().absolute()
        if not absolute.exists():
            raise UsageError(f"--synthetic {name}={path} does not exist: give a directory or a zip of class/file")
        if name in folders:
            raise UsageError(f"--synthetic {name} is given twice: choose another name for one of them")
        if name not in generators and name.casefold() in {word.casefold() for word in taken}:  # -k ignores case
            raise UsageError(
                f"--synthetic {name}: this is a dataset, generator, mode or operator of -k: choose another name"
            )
        same = next((other for other, folder in folders.items() if folder.resolve() == absolute.resolve()), None)
        if same is not None:
            raise UsageError(f"--synthetic {same} and {name} are the same images ({path}): give each set once")
        folders[name] = absolute
    return folders


def _check_places(written: Mapping[str, Path], real: Path | None, folders: Mapping[str, Path]) -> None:
    """Refuse images among what the run writes, and the other way round: they would be read as classes, or deleted.

    Args:
        written: Directories that the run writes to, by option.
        real: Path of the only dataset of the run.
        folders: Paths of the synthetic sets by name.
    """
    images = {f"--synthetic {name}": path for name, path in folders.items()} | ({"--real": real} if real else {})
    for option, directory in written.items():
        for given, path in images.items():
            if directory.resolve().is_relative_to(path.resolve()):
                raise UsageError(f"{option} {directory} is inside {given} {path}: choose another {option}")
            if path.resolve().is_relative_to(directory.resolve()):
                raise UsageError(f"{given} {path} is inside {option} {directory}: choose another {option}")

"""``suite store``: list, verify, prune, export and import the artifacts of a store."""

import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from pathlib import Path

from suite.artifacts import DataPaths, Store
from suite.commands import inspect, prune, transfer
from suite.commands.reachability import Reachability
from suite.errors import UsageError
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case_files import cases_folder
from suite.planning.profiles import profile_names

HELP = "list, verify, prune, export and import the artifacts of a store"
EXAMPLES = """examples:
  suite store list --keys
  suite store verify --set-aside
  suite store prune --unreached --data-root DIR
  suite store prune --older-than 90 --yes
  suite store export some.zip --key 3f2a
  suite store import some.zip --store other
"""


def store(options: Namespace) -> int:
    """Run the command.

    Returns:
        The exit code: 0 if all is well, 1 if an artifact is damaged or was refused.

    Raises:
        SuiteError: If nothing could be done.
    """
    chosen = open_store(options.store)
    if options.action == "import":
        chosen.prepare()
    else:
        check_is_store(chosen)
    return _run(options, chosen)


def open_store(path: Path | None) -> Store:
    """Return the store of an option, else of the environment, else ``.store``."""
    return Store((path or Path(os.environ.get("SUITE_STORE") or ".store")).expanduser().absolute())


def check_is_store(store: Store) -> None:
    """Raise UsageError if there is no store."""
    if not (store.root / "artifacts").is_dir():
        raise UsageError(f"{store.root} is not a store: give --store DIR, or set SUITE_STORE")


def _run(options: Namespace, store: Store) -> int:
    match options.action:
        case "list":
            return inspect.list_artifacts(options, store)
        case "verify":
            return inspect.verify(options, store)
        case "prune":
            return prune.prune(options, store, lambda: _reachability(options, store))
        case "export":
            return transfer.export(options, store, lambda: _reachability(options, store))
        case _:
            return transfer.import_store(options, store)


def add_parser(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "store", help=HELP, description=HELP, epilog=EXAMPLES, formatter_class=RawDescriptionHelpFormatter
    )
    common = ArgumentParser(add_help=False)
    common.add_argument("--store", type=Path, metavar="DIR", help="the store (default: $SUITE_STORE, else .store)")
    planning = ArgumentParser(add_help=False)
    planning.add_argument(
        "--profile", choices=profile_names(), help="select artifacts that the cases of this profile need"
    )
    planning.add_argument(
        "--cases", type=Path, metavar="DIR", help="directory of the case files (default: cases, else the package's)"
    )
    planning.add_argument(
        "--data-root",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="directory of datasets, as in your runs; repeatable (default: $SUITE_DATA_ROOT)",
    )
    planning.add_argument(
        "--synthetic",
        type=_name_and_path,
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="existing synthetic images, as in your runs, for example mine=path/to/images; repeatable",
    )
    for name in ("seeds", "generator-seeds", "image-size"):
        planning.add_argument(
            f"--{name}", type=_positive_integer, metavar="N", help="as in your runs (default: the profile's)"
        )
    actions = parser.add_subparsers(dest="action", required=True)
    list_parser = actions.add_parser("list", parents=[common], help="list the artifacts, one line per build step")
    list_parser.add_argument("--keys", action="store_true", help="one line per artifact, with its key")
    verify_parser = actions.add_parser("verify", parents=[common], help="check every file of every artifact")
    verify_parser.add_argument(
        "--set-aside", action="store_true", help="move damaged artifacts to damaged/; the next run builds them again"
    )
    prune_parser = actions.add_parser(
        "prune",
        parents=[common, planning],
        help="show the artifacts that meet all given conditions; with --yes remove them",
    )
    prune_parser.add_argument(
        "--older-than", type=_days, metavar="DAYS", help="stored at least this many days ago, for example 90"
    )
    prune_parser.add_argument(
        "--unreached", action="store_true", help="needed by no case of any profile, all sweeps included"
    )
    prune_parser.add_argument(
        "--leftovers",
        action="store_true",
        help="also unfinished builds, artifacts set aside as damaged, and decoded images kept by a run that was killed",
    )
    prune_parser.add_argument("--yes", action="store_true", help="remove them; without it they are only shown")
    export_parser = actions.add_parser("export", parents=[common, planning], help="write artifacts into a zip file")
    export_parser.add_argument("file", type=Path, help="the zip file to write")
    export_parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="PREFIX",
        help="artifacts whose key begins with PREFIX, with all their dependencies, for example 3f2a; repeatable",
    )
    import_parser = actions.add_parser(
        "import", parents=[common], help="verify and copy the artifacts of a zip file written by export"
    )
    import_parser.add_argument("file", type=Path, help="the zip file to read")
    parser.set_defaults(run=store)


def _reachability(options: Namespace, store: Store) -> Reachability:
    cases = options.cases or cases_folder(Path.cwd())
    if not cases.is_dir():
        raise UsageError(f"{cases} is not a directory: give --cases DIR, the directory of the case files")
    from_environment = [Path(text) for text in os.environ.get("SUITE_DATA_ROOT", "").split(os.pathsep) if text]
    data_paths = DataPaths(
        data_roots=tuple(path.expanduser().absolute() for path in options.data_root or from_environment),
        cache=store.root / "downloads",
        folders={name: path.expanduser().absolute() for name, path in options.synthetic},
    )
    overrides = BudgetOverrides(
        max_seeds=options.seeds, generator_seeds=options.generator_seeds, image_size=options.image_size
    )
    return Reachability(store, cases.absolute(), data_paths, overrides)


def _name_and_path(text: str) -> tuple[str, Path]:
    name, _, path = text.partition("=")
    if not name or not path:
        raise ArgumentTypeError(f"{text!r}: expected NAME=PATH")
    return name, Path(path)


def _positive_integer(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r}: expected a positive integer")
    return int(text)


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days < float("inf"):
        raise ArgumentTypeError(f"{text!r}: expected a number of days, 0 or more")
    return days

"""``suite store``: what a store holds, whether it is whole, what of it may go, and from one store to another."""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from pathlib import Path

from suite.artifacts import DataPaths, Store
from suite.commands import inspect, prune, transfer
from suite.commands.reachability import Reachability
from suite.commands.text import USAGE
from suite.errors import SuiteError, UsageError
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.profiles import profile_names


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 sound, 1 something is damaged or was refused, 2 nothing was done."""
    options = _parser().parse_args(arguments)
    store = Store((options.store or Path(os.environ.get("SUITE_STORE") or ".store")).expanduser().absolute())
    try:
        if options.command == "import":
            store.prepare()
        elif not (store.root / "artifacts").is_dir():
            raise UsageError(f"{store.root} is no store: give --store, or set SUITE_STORE")
        return _run(options, store)
    except SuiteError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE


def _run(options: Namespace, store: Store) -> int:
    match options.command:
        case "list":
            return inspect.list_artifacts(options, store)
        case "verify":
            return inspect.verify(options, store)
        case "prune":
            return prune.prune(options, store, lambda: _reach(options, store))
        case "export":
            return transfer.export(options, store, lambda: _reach(options, store))
        case _:
            return transfer.import_store(options, store)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="suite store", description=__doc__)
    common = ArgumentParser(add_help=False)
    common.add_argument("--store", type=Path, help="directory of artifacts (default: .store) [$SUITE_STORE]")
    planned = ArgumentParser(add_help=False)
    planned.add_argument("--profile", choices=profile_names(), help="what the cases of this profile reach")
    planned.add_argument("--cases", type=Path, default=Path("cases"), help="directory of the cases (default: cases)")
    planned.add_argument(
        "--data-root", type=Path, action="append", default=[], help="as runs are given it [$SUITE_DATA_ROOT]"
    )
    planned.add_argument(
        "--synthetic", type=_named, action="append", default=[], metavar="NAME=PATH", help="as runs are"
    )
    for name in ("seeds", "generator-seeds", "image-size"):
        planned.add_argument(f"--{name}", type=_positive, help="as runs are given it (default: the profile's)")
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", parents=[common], help="what there is, a line a step")
    listing.add_argument("--keys", action="store_true", help="a line an artifact")
    verifying = commands.add_parser("verify", parents=[common], help="check every file of every artifact")
    verifying.add_argument("--set-aside", action="store_true", help="take what is damaged out of the way")
    pruning = commands.add_parser(
        "prune", parents=[common, planned], help="what may go: whatever meets all that is given; with --yes it goes"
    )
    pruning.add_argument("--older-than", type=_days, metavar="DAYS", help="in the store for so many days")
    pruning.add_argument("--unreached", action="store_true", help="reached by no case of any profile, with all sweeps")
    pruning.add_argument("--leftovers", action="store_true", help="also what is unfinished, or set aside as damaged")
    pruning.add_argument("--yes", action="store_true", help="remove it; without, it is only shown")
    exporting = commands.add_parser("export", parents=[common, planned], help="write whole artifacts into a zip")
    exporting.add_argument("file", type=Path, help="the zip")
    exporting.add_argument(
        "--key", action="append", default=[], help="the artifact whose key begins so, with all it was made from"
    )
    importing = commands.add_parser("import", parents=[common], help="take the artifacts of such a zip, each checked")
    importing.add_argument("file", type=Path, help="the zip")
    return parser


def _reach(options: Namespace, store: Store) -> Reachability:
    if not options.cases.is_dir():
        raise UsageError(f"{options.cases} is no directory: give --cases, where the rows of Table 1 are")
    said = [Path(text) for text in os.environ.get("SUITE_DATA_ROOT", "").split(os.pathsep) if text]
    data_paths = DataPaths(
        data_roots=tuple(path.expanduser().absolute() for path in options.data_root or said),
        cache=store.root / "downloads",
        folders={name: path.expanduser().absolute() for name, path in options.synthetic},
    )
    overrides = BudgetOverrides(
        seeds=options.seeds, generator_seeds=options.generator_seeds, image_size=options.image_size
    )
    return Reachability(store, options.cases.absolute(), data_paths, overrides)


def _named(text: str) -> tuple[str, Path]:
    name, _, path = text.partition("=")
    if not name or not path:
        raise ArgumentTypeError(f"{text!r}: give NAME=PATH")
    return name, Path(path)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r}: give a whole number from 1")
    return int(text)


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days < float("inf"):
        raise ArgumentTypeError(f"{text!r}: give a number of days")
    return days

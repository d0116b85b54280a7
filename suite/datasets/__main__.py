"""``suite datasets``, or ``python -m suite.datasets``: what datasets there are, and whether their files are sound."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from suite.artifacts import DataPaths
from suite.datasets.locate import available, find_dataset
from suite.datasets.naming import shown
from suite.errors import BadData, SuiteError, Unavailable
from suite.registry import reserved_in

HEALTHY, UNSOUND, USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 sound, 1 something serious was found, 2 nothing could be done."""
    options = _parser().parse_args(arguments)
    data_paths = DataPaths(data_roots=tuple(options.data_root), cache=options.cache, download=options.download)
    try:
        return _list(data_paths) if options.command == "list" else _check(options, data_paths)
    except BadData as error:
        print(f"SERIOUS  {error}")
        return UNSOUND
    except SuiteError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="suite datasets", description=__doc__)
    common = ArgumentParser(add_help=False)
    common.add_argument("--data-root", type=Path, action="append", default=[], help="directory of datasets; repeatable")
    common.add_argument("--cache", type=Path, default=DataPaths().cache, help="directory of downloads")
    common.add_argument("--download", action="store_true", help="fetch what is missing")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", parents=[common], help="name every dataset and where it is")
    checking = commands.add_parser("check", parents=[common], help="look for what spoils results")
    checking.add_argument("name", help="name of the dataset")
    checking.add_argument("--write", action="store_true", help="commit the statistics found as those to compare with")
    return parser


def _list(data_paths: DataPaths) -> int:
    for name in available(data_paths):
        try:
            place = find_dataset(name, data_paths).locate(data_paths).where
        except Unavailable as error:
            place = f"missing: {error}"
        words = reserved_in(name)
        print(f"{shown(name):16} {place}" + (f" (-k {' or '.join(words)} selects it too)" if words else ""))
    return HEALTHY


def _check(options: Namespace, data_paths: DataPaths) -> int:
    from tqdm import tqdm

    from suite.datasets.check import check
    from suite.datasets.statistics import commit

    dataset = find_dataset(options.name, data_paths)
    source = dataset.locate(data_paths)
    with tqdm(unit=" images", disable=None, leave=False) as bar:

        def advance(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        statistics, findings = check(options.name, source, advance)
    print(f"{shown(options.name)}: {source.where}")
    print(f"  {len(source.classes)} classes, {sum(statistics.train)} train and {sum(statistics.test)} test images")
    print(f"  content {statistics.content}, mean {statistics.mean}, deviation {statistics.deviation}")
    for finding in findings:
        print(f"{'SERIOUS' if finding.serious else 'note':8} {finding.text}")
    if options.write:
        commit(options.name, statistics)
    return UNSOUND if any(finding.serious for finding in findings) else HEALTHY


if __name__ == "__main__":
    sys.exit(main())

"""``suite datasets`` or ``python -m suite.datasets``: list the datasets and check their files."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from suite.artifacts import DataPaths
from suite.datasets.locate import available, find_dataset
from suite.datasets.naming import escaped
from suite.errors import BadData, SuiteError, Unavailable
from suite.registry import reserved_words_in

OK, FOUND, USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Command line without the program name; None reads ``sys.argv``.

    Returns:
        The exit code: 0, 1 for a warning or worse, 2 for a usage error or missing files.
    """
    options = _parser().parse_args(arguments)
    data_paths = DataPaths(data_roots=tuple(options.data_root), cache=options.cache, download=options.download)
    try:
        return _list(data_paths) if options.command == "list" else _check(options, data_paths)
    except BadData as error:
        print(f"not valid  {error}")
        return FOUND
    except SuiteError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="suite datasets", description=__doc__)
    common = ArgumentParser(add_help=False)
    common.add_argument("--data-root", type=Path, action="append", default=[], help="directory of datasets; repeatable")
    common.add_argument("--cache", type=Path, default=DataPaths().cache, help="directory of downloads")
    common.add_argument("--download", action="store_true", help="download missing files")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", parents=[common], help="print the name and location of every dataset")
    check = commands.add_parser("check", parents=[common], help="check a dataset for problems that affect results")
    check.add_argument("name", help="name of the dataset")
    check.add_argument(
        "--write", action="store_true", help="write the statistics to statistics.json, for later checks to compare with"
    )
    return parser


def _list(data_paths: DataPaths) -> int:
    for name in available(data_paths):
        try:
            where = find_dataset(name, data_paths).locate(data_paths).where
        except Unavailable as error:
            where = f"missing: {error}"
        words = reserved_words_in(name)
        print(f"{escaped(name):16} {where}" + (f" (-k {' or '.join(words)} selects it too)" if words else ""))
    return OK


def _check(options: Namespace, data_paths: DataPaths) -> int:
    from tqdm import tqdm

    from suite.datasets.check import check
    from suite.datasets.checks import summary_line
    from suite.datasets.statistics import write_committed_statistics

    dataset = find_dataset(options.name, data_paths)
    source = dataset.locate(data_paths)
    with tqdm(unit=" images", disable=None, leave=False) as bar:

        def on_progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        statistics, checks = check(options.name, source, on_progress)
    print(f"{escaped(options.name)}: {source.where}")
    print(f"  {len(source.classes)} classes, {sum(statistics.train)} train and {sum(statistics.test)} test images")
    print(f"  content {statistics.content}, mean {statistics.mean}, std {statistics.std}")
    for outcome in checks:
        for text in outcome.found:
            print(f"{outcome.severity:10} {text}")
    print(summary_line(checks))
    if options.write:
        write_committed_statistics(options.name, statistics)
    return FOUND if any(outcome.found and outcome.severity != "note" for outcome in checks) else OK


if __name__ == "__main__":
    sys.exit(main())

"""``suite datasets``: list the datasets and check their files."""

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from pathlib import Path

from suite.artifacts import DataPaths
from suite.commands.output import OK, PROBLEMS
from suite.datasets.locate import available, find_dataset
from suite.datasets.naming import escaped
from suite.errors import BadData, Unavailable
from suite.registry import reserved_words_in

HELP = "list the datasets and check their files"
EXAMPLES = """examples:
  suite datasets list --data-root DIR
  suite datasets check cifar10 --data-root DIR
"""


def add_parser(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "datasets", help=HELP, description=HELP, epilog=EXAMPLES, formatter_class=RawDescriptionHelpFormatter
    )
    common = ArgumentParser(add_help=False)
    common.add_argument("--data-root", type=Path, action="append", default=[], help="directory of datasets; repeatable")
    common.add_argument("--cache", type=Path, default=DataPaths().cache, help="directory of downloads")
    common.add_argument("--download", action="store_true", help="download missing files")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", parents=[common], help="print the name and location of every dataset")
    check = actions.add_parser("check", parents=[common], help="check a dataset for problems that affect results")
    check.add_argument("name", help="name of the dataset")
    check.add_argument(
        "--write", action="store_true", help="write the statistics to statistics.json, for later checks to compare with"
    )
    parser.set_defaults(run=datasets)


def datasets(options: Namespace) -> int:
    """Run the command.

    Returns:
        The exit code: 0, or 1 for a warning or worse.

    Raises:
        SuiteError: If files are missing.
    """
    data_paths = DataPaths(data_roots=tuple(options.data_root), cache=options.cache, download=options.download)
    try:
        return _list(data_paths) if options.action == "list" else _check(options, data_paths)
    except BadData as error:
        print(f"not valid  {error}")
        return PROBLEMS


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
    return PROBLEMS if any(outcome.found and outcome.severity != "note" for outcome in checks) else OK

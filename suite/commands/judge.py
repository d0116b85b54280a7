"""``suite judge``: evaluate one's own images and print the answer."""

import webbrowser
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from pathlib import Path

from suite.commands.output import OK, PROBLEMS
from suite.planning.options import JUDGE_OPTIONS, Option

HELP = "evaluate your own real and synthetic images: the answer, a table and a page"
EXAMPLES = """examples:
  suite judge photos/ generated.zip
  suite judge photos.zip sd=out/sd gan=out/gan --per-class 500
  suite judge photos/ generated/ --classifier resnet18 --plan
  suite judge photos/ generated/ --fail-on hurts --open

Images are class/file, in a folder or a zip; real ones also train/class/file and test/class/file. Artifacts are kept in
.store, reports are written to reports, both in the current directory. Exit codes: suite --help.
"""


def add_parser(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "judge", help=HELP, description=HELP, epilog=EXAMPLES, formatter_class=RawDescriptionHelpFormatter
    )
    parser.add_argument("real", metavar="REAL", help="folder or zip of real images")
    parser.add_argument(
        "synthetic",
        metavar="SYNTHETIC",
        nargs="+",
        help="folder or zip of synthetic images, or NAME=PATH; without a name it is that of the folder or zip",
    )
    parser.add_argument("--open", action="store_true", help="show the page in the browser")
    add_options(parser, JUDGE_OPTIONS)
    parser.set_defaults(run=judge)


def add_options(parser: ArgumentParser, options: tuple[Option, ...]) -> None:
    """Add options of the table to a parser."""
    for option in options:
        parser.add_argument(f"--{option.name}", **option.argument)


def given_options(namespace: Namespace, options: tuple[Option, ...]) -> dict[str, object]:
    """Return the text that was given for options of the table, by name."""
    return {option.name: getattr(namespace, option.dest) for option in options}


def judge(options: Namespace) -> int:
    """Run the command and return its exit code.

    Raises:
        SuiteError: If an option or the images cannot be used, or nothing could be evaluated.
    """
    from suite.benchmark import Benchmark
    from suite.console import header, outcome
    from suite.judge import judge_options, page_of, run, select_all, terminal_progress
    from suite.planning.case_files import cases_folder

    sets = _sets(options.synthetic)
    checked = judge_options(options.real, sets, given_options(options, JUDGE_OPTIONS))
    benchmark = Benchmark(checked, cases_folder(Path.cwd()), terminal_progress())
    print("\n".join(header(benchmark)), flush=True)
    if checked.dry_run:
        benchmark.check()
        select_all(benchmark)
        text, failed = benchmark.preview()
        print(text)
        return PROBLEMS if failed else OK
    replaced = run(benchmark)
    print(outcome(benchmark, replaced))
    if options.open:
        webbrowser.open(page_of(benchmark).as_uri())
    return PROBLEMS if benchmark.failed_on or benchmark.problems else OK


def _sets(words: list[str]) -> list[tuple[str, Path]]:
    """Return name and path of every set; a word that is an existing path has no name, also with a '=' in it."""
    from suite.judge import set_name

    sets = []
    for word in words:
        name, separator, path = word.partition("=")
        if separator and not Path(word).exists():
            sets.append((name, Path(path)))
        else:
            sets.append((set_name(Path(word)), Path(word)))
    return sets

"""``suite report``: make a report again from its bundle."""

import webbrowser
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter, _SubParsersAction
from pathlib import Path

from suite.commands.judge import add_options, given_options
from suite.commands.output import OK, PROBLEMS
from suite.planning.options import OPTIONS

HELP = "make a report again from its bundle, merge bundles, compare with an earlier run"
NAMES = ("profile", "reports", "merge", "compare", "note", "fail-on", "store")
REPORT_OPTIONS = tuple(option for option in OPTIONS if option.name in NAMES)
EXAMPLES = """examples:
  suite report --profile cpu
  suite report --reports reports/birds --profile cpu --open
  suite report --profile cpu --merge other/bundle.zip --compare old/results.json

The bundle is REPORTS/PROFILE/bundle.zip. Exit codes: suite --help.
"""


def add_parser(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "report", help=HELP, description=HELP, epilog=EXAMPLES, formatter_class=RawDescriptionHelpFormatter
    )
    parser.add_argument("--open", action="store_true", help="show the page in the browser")
    add_options(parser, REPORT_OPTIONS)
    parser.set_defaults(run=report)


def report(options: Namespace) -> int:
    """Run the command and return its exit code.

    Raises:
        SuiteError: If a bundle cannot be read or the report cannot be written.
    """
    from suite.benchmark import Benchmark
    from suite.console import header, outcome
    from suite.judge import page_of, terminal_progress
    from suite.planning.case_files import cases_folder
    from suite.planning.options import option_values
    from suite.planning.run_options import check_options

    values = option_values({**given_options(options, REPORT_OPTIONS), "report-only": True})
    benchmark = Benchmark(check_options(values, Path.cwd()), cases_folder(Path.cwd()), terminal_progress())
    benchmark.check()
    print("\n".join(header(benchmark)))
    replaced = benchmark.write_report("")
    print(outcome(benchmark, replaced))
    if options.open:
        webbrowser.open(page_of(benchmark).as_uri())
    return PROBLEMS if benchmark.failed_on else OK

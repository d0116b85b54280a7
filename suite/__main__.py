"""``suite`` or ``python -m suite``: does synthetic training data help an image classifier?"""

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence

from suite import __version__
from suite.commands import datasets, export, judge, report, run, store
from suite.commands.output import INTERRUPTED, USAGE_ERROR
from suite.errors import SuiteError

COMMANDS = (judge, run, report, datasets, store, export)
DESCRIPTION = "Does synthetic training data help an image classifier, by how much, and how sure are we?"
EPILOG = """examples:
  suite judge photos/ generated.zip              your own images: the answer, a table and a page
  suite judge photos/ sd=out/sd gan=out/gan      several synthetic sets, with names
  suite run -k "digits and org"                  cases of the benchmark; arguments are those of pytest
  suite report --profile cpu --compare old.zip   the page again, with what changed
  suite store list                               what was computed and is kept
  suite COMMAND --help                           the options of a command

exit codes:
  0    nothing is wrong
  1    a check or a verdict of --fail-on found something, or a case failed
  2    invalid command line, or nothing could be run
  130  interrupted with Ctrl-C; the next run continues
"""


def command_parser() -> ArgumentParser:
    """Return the parser of the whole command line; every command sets ``run``, a function of the parsed options."""
    parser = ArgumentParser(
        prog="suite", description=DESCRIPTION, epilog=EPILOG, formatter_class=RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: Command line without the program name; None reads ``sys.argv``.

    Returns:
        The exit code, as shown by ``suite --help``.
    """
    words, for_pytest = run.split(list(sys.argv[1:] if arguments is None else arguments))
    options = command_parser().parse_args(words)
    options.for_pytest = for_pytest
    try:
        return int(options.run(options))
    except SuiteError as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:
        print("interrupted: the same command continues", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())

"""``suite``, or ``python -m suite``: the commands apart from the benchmark itself, which is ``pytest cases/``."""

import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS = {
    "datasets": ("suite.datasets.__main__", "list datasets, and check their files"),
    "store": ("suite.commands.store", "list, verify, prune, export and import artifacts"),
}
USAGE_ERROR = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: The command line without the program's name; None is that of the process.

    Returns:
        The exit code of the command; 2 if there is no such command.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    name = words[0] if words else ""
    if name in COMMANDS:
        return int(import_module(COMMANDS[name][0]).main(words[1:]))
    summary = "".join(f"\n  suite {command:10} {text}" for command, (_, text) in COMMANDS.items())
    help_requested = name in ("-h", "--help")
    print(f"{__doc__}\n{summary}", file=sys.stdout if help_requested else sys.stderr)
    return 0 if help_requested else USAGE_ERROR


if __name__ == "__main__":
    sys.exit(main())

"""``suite`` or ``python -m suite``: commands for datasets and the store; ``pytest cases/`` runs the benchmark."""

import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS = {
    "datasets": ("suite.datasets.__main__", "list the datasets and check their files"),
    "store": ("suite.commands.store", "list, verify, prune, export and import artifacts"),
}
USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: Command line without the program name; None reads ``sys.argv``.

    Returns:
        The exit code of the command; 2 if there is no such command.
    """
    remaining = list(sys.argv[1:] if arguments is None else arguments)
    name = remaining[0] if remaining else ""
    if name in COMMANDS:
        return int(import_module(COMMANDS[name][0]).main(remaining[1:]))
    commands = "".join(f"\n  suite {command:10} {description}" for command, (_, description) in COMMANDS.items())
    help_requested = name in ("-h", "--help")
    print(f"{__doc__}\n{commands}", file=sys.stdout if help_requested else sys.stderr)
    return 0 if help_requested else USAGE


if __name__ == "__main__":
    sys.exit(main())

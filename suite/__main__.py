"""``suite``, or ``python -m suite``: the commands beside the benchmark itself, which is ``pytest cases/``."""

import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS = {
    "datasets": ("suite.datasets.__main__", "what datasets there are, and whether their files are sound"),
    "store": ("suite.commands.store", "list, verify, prune, export and import artifacts"),
}
USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; 2 if there is no such command."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    name = given[0] if given else ""
    if name in COMMANDS:
        return int(import_module(COMMANDS[name][0]).main(given[1:]))
    words = "".join(f"\n  suite {command:10} {said}" for command, (_, said) in COMMANDS.items())
    asked = name in ("-h", "--help")
    print(f"{__doc__}\n{words}", file=sys.stdout if asked else sys.stderr)
    return 0 if asked else USAGE


if __name__ == "__main__":
    sys.exit(main())

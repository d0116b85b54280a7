"""The options in pytest: declared on its command line and in its ini file."""

from typing import Any

import pytest

from suite.planning.options import OPTIONS

GROUP = "does synthetic training data help?"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare every option on the command line and in the ini file."""
    group = parser.getgroup(GROUP)
    for option in OPTIONS:
        group.addoption(f"--{option.name}", **option.argument)
        if option.ini:
            parser.addini(option.dest, option.help, default=None)


def option_values(config: pytest.Config) -> dict[str, Any]:
    """Return the value of every option by its name; relative paths in the ini file are relative to that file.

    Raises:
        UsageError: If a text cannot be converted.
    """
    return {
        option.name: option.value(
            config.getoption(option.dest), config.getini(option.dest) if option.ini else None, config.rootpath
        )
        for option in OPTIONS
    }

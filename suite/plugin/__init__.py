"""The pytest plugin: options, parametrisation, fixtures and hooks around ``suite.benchmark``.

The ``conftest.py`` at the root of the repository loads it.
"""

from suite.plugin.fixtures import (
    benchmark_run,
    classifier,
    expected,
    plan,
    real_data,
    recorded,
    result,
    synthetic,
)
from suite.plugin.hooks import (
    pytest_benchmark_group_stats,
    pytest_benchmark_update_machine_info,
    pytest_collection_finish,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_configure_node,
    pytest_generate_tests,
    pytest_ignore_collect,
    pytest_report_header,
    pytest_runtestloop,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
    pytest_unconfigure,
)
from suite.plugin.options import pytest_addoption

__all__ = [
    "benchmark_run",
    "classifier",
    "expected",
    "plan",
    "pytest_addoption",
    "pytest_benchmark_group_stats",
    "pytest_benchmark_update_machine_info",
    "pytest_collection_finish",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_configure_node",
    "pytest_generate_tests",
    "pytest_ignore_collect",
    "pytest_report_header",
    "pytest_runtestloop",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
    "pytest_testnodedown",
    "pytest_unconfigure",
    "real_data",
    "recorded",
    "result",
    "synthetic",
]

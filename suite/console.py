"""What a run prints, before it and after it: the same with pytest, on the command line and in a script."""

from suite import devices
from suite.benchmark import Benchmark
from suite.results.bundle import BUNDLE


def header(benchmark: Benchmark) -> list[str]:
    """Return profile, device, store and the datasets that are on this machine, as lines."""
    options = benchmark.options
    if options.report_only:
        return [f"report from {options.reports / options.profile / BUNDLE}, nothing is run"]
    present = ", ".join(f"{name} ({path})" for name, path in benchmark.catalog.present.items()) or "none"
    engine = f", engine: ray at {options.ray_address}" if options.engine == "ray" else ""
    lines = [f"profile: {options.profile} ({benchmark.profile.base.title}), device: {options.device}{engine}"]
    if options.device == "cpu" and (reason := devices.cuda_problem()):
        lines.append(f"device: {reason}")
    if options.profile_reason:
        lines.append(f"profile chosen for {options.profile_reason}; --profile overrides")
    return [*lines, f"store: {options.store}", f"data: {present}"]


def incidents(benchmark: Benchmark, replaced: str) -> list[str]:
    """Return what was repaired during the run, and what the replaced report had, as lines.

    Args:
        benchmark: The run.
        replaced: The answer of ``Benchmark.write_report``.
    """
    lines = [f"damaged: {line}" for line in benchmark.damaged] + [f"retried: {line}" for line in benchmark.retried]
    return lines + ([f"replaced: {replaced}"] if replaced else [])


def summary(benchmark: Benchmark) -> str:
    """Return answers, tables, warnings and the path of the page; empty if there are no results."""
    from suite.report.terminal import terminal_summary

    if benchmark.results is None:
        return ""
    return terminal_summary(benchmark.results, benchmark.options.reports, benchmark.compared_with)


def failures(benchmark: Benchmark) -> list[str]:
    """Return the cells whose verdict is one of ``--fail-on``, as lines."""
    return [f"--fail-on: {line}" for line in benchmark.failed_on]


def outcome(benchmark: Benchmark, replaced: str) -> str:
    """Return everything that is printed after a run; arguments as of ``incidents``."""
    return "\n".join([*incidents(benchmark, replaced), summary(benchmark), *failures(benchmark)])

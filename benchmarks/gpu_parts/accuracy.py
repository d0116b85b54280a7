"""Part 1: digits in profile ``smoke`` on the device, accuracies beside those of a CPU."""

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from statistics import mean

from gpu_parts import ROOT, CheckFailed, Checks, Options, Row

SEEDS = 3
MAX_DIFFERENCE = 10.0  # points; generators trained on another device make other images


def run_pytest(
    options: Options, selection: str, name: str, *arguments: str, checkpoint_seconds: str = "20"
) -> "subprocess.Popen[str]":
    """Start ``pytest cases/`` with a store and reports of this name in the working directory."""
    command = [sys.executable, "-m", "pytest", "cases", "-p", "no:cacheprovider", "-k", selection]
    command += ["--profile", "smoke", "--device", options.device.partition(":")[0]]
    command += ["--store", str(options.work / name), "--reports", str(options.work / f"{name}-reports"), *arguments]
    environment = {**os.environ, "SUITE_CHECKPOINT_SECONDS": checkpoint_seconds}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=subprocess.STDOUT, text=True)


def checks(options: Options) -> Checks:
    """Yield the run, and the comparison of each cell."""
    cells = {_name(cell): cell for cell in json.loads(options.cpu_results.read_text("utf-8"))["cells"]}
    selection = "digits-org" if options.tiny else "digits"
    yield f"pytest cases/ -k {selection} --profile smoke", partial(_run, options, selection)
    for name, cell in cells.items():
        if not options.tiny or name == "digits-org":
            yield name, partial(_compare, options, name, cell["accuracies"])


def _run(options: Options, selection: str) -> Row:
    limits = ("--seeds", "1", "--limit-steps", "3") if options.tiny else ("--seeds", str(SEEDS), "--jobs", "4")
    process = run_pytest(options, selection, "accuracy", *limits)
    printed, _ = process.communicate()
    if process.returncode:
        raise CheckFailed(f"pytest ended with {process.returncode}: {printed[-1500:]}")
    return {}


def _compare(options: Options, name: str, on_cpu: list[float]) -> Row:
    found = {_name(cell): cell["accuracies"] for cell in json.loads(_results(options).read_text("utf-8"))["cells"]}
    seeds = min(len(found[name]), len(on_cpu))
    if not seeds:
        raise CheckFailed("the cell has no accuracies")
    here, there = mean(found[name][:seeds]), mean(on_cpu[:seeds])
    if abs(here - there) > MAX_DIFFERENCE and not options.tiny:
        raise CheckFailed(f"{here:.1f} %, on a CPU {there:.1f} %: more than {MAX_DIFFERENCE:.0f} points apart")
    return {"seeds": seeds, "accuracy, %": round(here, 2), "on a CPU, %": round(there, 2)}


def _results(options: Options) -> Path:
    return next((options.work / "accuracy-reports").rglob("results.json"))


def _name(cell: dict[str, str | None]) -> str:
    return "-".join(part for name in ("dataset", "generator", "mode", "variant") if (part := cell[name]))

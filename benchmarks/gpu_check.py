"""Check and measure the suite on one machine with an NVIDIA GPU, without a network, in at most eight minutes.

    python benchmarks/gpu_check.py --output DIR

1. ``accuracy``: digits in profile ``smoke``, accuracies beside those of a CPU;
2. ``reproducibility``: the same builds twice, and once with kills in between, give equal bytes;
3. ``speed``: every network of profile ``paper`` at full size: images per second, share of the bfloat16 matrix rate,
   memory, and the hours of the paper's table;
4. ``precision``: short trainings in bfloat16 and in float32;
5. ``faults``: two processes on the GPU, too little memory, a killed worker;
6. ``compiled``, only with ``--parts compiled``: the trainings of profile ``paper`` with ``torch.compile``.

Every part runs in a process of its own with a time limit, so that a failure does not stop the others. Results are
written to ``gpu.md`` and ``gpu.json`` after each part. The exit code is 0 if all checks passed, 1 if one failed, and 3
without a GPU. ``--requirements`` prints the packages that are needed beside torch.
"""

import json
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from argparse import ArgumentParser, Namespace
from contextlib import suppress
from datetime import date
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SECONDS = {"accuracy": 150, "reproducibility": 110, "speed": 125, "precision": 35, "faults": 60}  # 8 minutes together
OPTIONAL_SECONDS = {"compiled": 480}
LIMITS = SECONDS | OPTIONAL_SECONDS
TITLES = {
    "accuracy": "Digits in profile smoke",
    "reproducibility": "Equal bytes",
    "speed": "Profile paper at full size",
    "precision": "bfloat16 against float32",
    "faults": "Faults",
    "compiled": "Compiled networks",
}
NO_GPU = 3
PRINTED_LIBRARIES = ("torch", "torchvision", "diffusers", "transformers", "numpy")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    options = _parse(arguments)
    if options.requirements:
        print("\n".join(requirements()))
        return 0
    sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]
    if options.part:
        run_part(options)
        return 0
    from suite.devices import cuda_devices, cuda_problem

    if options.device.startswith("cuda") and not cuda_devices():
        print(f"gpu_check: {cuda_problem() or 'this machine has no NVIDIA GPU'}")
        return NO_GPU
    return check(options)


def requirements() -> list[str]:
    """Return the suite's requirements except torch."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [line for line in project["dependencies"] if not re.match(r"torch\b(?!-)", line)]


def check(options: Namespace) -> int:
    """Run the parts one after the other, and write the results after each; return the exit code."""
    options.output.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = {"machine": machine(), "device": options.device, "tiny": options.tiny, "parts": {}}
    for part in options.parts:
        started = time.monotonic()
        print(f"{TITLES[part]} ...", flush=True)
        rows = in_process(options, part)
        seconds = round(time.monotonic() - started, 1)
        results["parts"][part] = {"title": TITLES[part], "seconds": seconds, "checks": rows}
        (options.output / "gpu.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
        (options.output / "gpu.md").write_text(markdown(results), encoding="utf-8")
    statuses = [row["status"] for part in results["parts"].values() for row in part["checks"]]
    print(f"{statuses.count('passed')} checks passed, {statuses.count('failed')} failed: {options.output / 'gpu.md'}")
    return int("failed" in statuses)


def in_process(options: Namespace, part: str) -> list[dict[str, Any]]:
    """Run a part in a process of its own, end it and its children at the time limit, and return its rows."""
    from suite.engines.fork_server import ENVIRONMENT

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        saved, log = Path(folder, "rows.json"), Path(folder, "log.txt")
        command = [sys.executable, __file__, "--part", part, "--output", folder, "--device", options.device]
        command += ["--cpu-results", str(options.cpu_results.absolute()), *(["--tiny"] if options.tiny else [])]
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": path, "HF_HUB_OFFLINE": "1"}
        message, limit = "", LIMITS[part] * options.patience
        with log.open("wb") as file:
            process = subprocess.Popen(command, env=environment, stdout=file, stderr=file, start_new_session=True)
            try:
                if process.wait(limit):
                    message = f"ended with {process.returncode}: {log.read_text('utf-8', 'replace')[-500:]}"
            except subprocess.TimeoutExpired:
                message = f"not done within {limit:.0f} s"
            finally:
                with suppress(ProcessLookupError):  # it ended, and so did all that it started
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        rows: list[dict[str, Any]] = json.loads(saved.read_text("utf-8")) if saved.exists() else []
        if message:
            rows.append({"check": "the whole part", "status": "failed", "message": " ".join(message.split())})
        return rows


def run_part(options: Namespace) -> None:
    """Run a part in this process, and save its rows after each check."""
    from gpu_parts import Options, run_checks

    part_options = Options(options.output, options.device, options.tiny, options.cpu_results)

    def save(rows: list[dict[str, Any]]) -> None:
        new = options.output / "rows.new"
        new.write_text(json.dumps(rows), encoding="utf-8")
        new.replace(options.output / "rows.json")

    run_checks(import_module(f"gpu_parts.{options.part}").checks(part_options), save)


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    try:
        command = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
        gpus = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30).stdout.splitlines()
    except OSError:
        gpus = []
    versions = {}
    for name in PRINTED_LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "missing"
    facts = {"date": date.today().isoformat(), "gpus": gpus, "cpus": os.cpu_count()}
    return {**facts, "python": platform.python_version(), **versions}


def markdown(results: dict[str, Any]) -> str:
    """Return the results as a page: the machine, and a table for each part."""
    facts = "; ".join(
        f"{name}: {', '.join(value) if isinstance(value, list) else value}"
        for name, value in results["machine"].items()
    )
    lines = ["# GPU check", "", f"Device {results['device']}. {facts}.", ""]
    if results["tiny"]:
        lines += ["A tiny run: the figures mean nothing.", ""]
    for part in results["parts"].values():
        columns = list(dict.fromkeys(name for row in part["checks"] for name in row))
        lines += [f"## {part['title']}", "", f"{part['seconds']} s", ""]
        lines += [_line(columns), _line(["---"] * len(columns))]
        lines += [_line([_text(row.get(name)) for name in columns]) for row in part["checks"]]
        lines.append("")
    return "\n".join(lines)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "" if value is None else str(value).replace("|", "\\|")


def _parse(arguments: list[str] | None) -> Namespace:
    parser = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path("gpu-check"), help="directory for gpu.md and gpu.json")
    parser.add_argument("--requirements", action="store_true", help="print the packages needed beside torch")
    parser.add_argument("--device", default="cuda", help="torch device (cuda)")
    parser.add_argument("--parts", nargs="+", choices=LIMITS, default=list(SECONDS), help="the parts to run")
    parser.add_argument("--patience", type=float, default=1.0, help="factor of the time limits")
    parser.add_argument("--cpu-results", type=Path, default=ROOT / "reports" / "smoke" / "results.json")
    parser.add_argument("--tiny", action="store_true", help="as small as possible, to test this program")
    parser.add_argument("--part", choices=LIMITS, help="run one part in this process")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())

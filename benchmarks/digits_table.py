"""Time the whole table of digits with the suite, and the same work with plain scripts.

    python benchmarks/digits_table.py
    python benchmarks/digits_table.py --suite-only --jobs 1     # the overhead of the suite over its build steps

The plain scripts train the same networks for as many steps, sample with the same solver and compute IS, Fréchet
distance, KID, precision and recall with torch-fidelity, one run per metric. They share nothing and run one after the
other. No common script exists for ``sd`` and ``biggan``, so the suite's training and sampling are timed instead, in
separate processes. What only the suite does (verdicts, copying, pictures, more metrics, the report) is part of its time
and not of theirs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from suite.artifacts import DataPaths, Store
from suite.datasets.locate import locate
from suite.images import ImageSet
from suite.planning.case import Case, Mode
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile

HERE = Path(__file__).parent
GENERATORS = ("sd", "cd", "biggan")
METRICS = ("isc", "fid", "kid", "prc")
SEEDS = 3
BUILD = """
import sys
from suite.artifacts import DataPaths, Store
from suite.planning.case import Case
from suite.engines.build import build, in_order
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile
from pathlib import Path
store = Store(Path(sys.argv[1]))
planner = Planner(load_profile("smoke"), DataPaths(), store.root / "contents")
images = planner.case(Case(dataset="digits", generator=sys.argv[2], mode="syn")).synthetic[0]
for recipe in in_order(images):
    if store.find(recipe) is None:
        build(store, recipe)
"""


def main() -> None:
    """Time both and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", default="auto")
    parser.add_argument("--suite-only", action="store_true", help="do not run the plain scripts")
    parser.add_argument("--work", type=Path, help="a new directory that is kept (default: a temporary one)")
    options = parser.parse_args()
    if options.work and options.work.exists():
        sys.exit(f"{options.work} already exists: give a new directory, because the table must be built from scratch")
    with tempfile.TemporaryDirectory() as folder:
        work = options.work or Path(folder)
        suite = _timed("suite", _suite(work, options.jobs))
        steps = _step_seconds(work / "store")
        plain = {} if options.suite_only else _plain(work)
    print(f"suite, --jobs {options.jobs}: {suite:.1f} s; its build steps: {steps:.1f} s")
    if options.jobs == "1":
        print(f"overhead: {100 * (suite / steps - 1):.1f} % of the build steps")
    if plain:
        print(json.dumps({"suite_seconds": suite, "plain_seconds": sum(plain.values()), "plain": plain}, indent=1))
        print(f"suite / plain: {suite / sum(plain.values()):.2f}")


def _suite(work: Path, jobs: str) -> list[str]:
    options = ["--store", str(work / "store"), "--reports", str(work / "reports"), "--jobs", jobs]
    return [sys.executable, "-m", "pytest", str(HERE.parent / "cases"), "-q", "-k", "digits", *options]


def _step_seconds(root: Path) -> float:
    runs = [json.loads(path.read_text("utf-8")) for path in (root / "artifacts").glob("*/*/run.json")]
    return float(sum(run["seconds"] for run in runs))


def _plain(work: Path) -> dict[str, float]:
    """Return the seconds of every script, by name."""
    seconds: dict[str, float] = {}
    store = Store(work / "plain-store")
    store.prepare()
    locate("digits", DataPaths(), store.root / "contents")
    planner = Planner(load_profile("smoke"), DataPaths(), store.root / "contents")
    case = planner.case(Case(dataset="digits", generator="cd", mode=Mode.SYN))
    suite_store = Store(work / "store")  # real images are decoded before the measurement starts
    real, test = work / "real", work / "test"
    _save(case.real, case.located.content.classes, suite_store, real)
    _save(case.evaluation, case.located.content.classes, suite_store, test)
    folders = {name: work / name for name in GENERATORS}
    budget = planner.budget("digits")
    diffusion = budget.generator["cd"]
    train_steps, solver_steps = diffusion["training"]["steps"], diffusion["sampling"]["steps"]
    seconds["cd"] = _timed(
        "cd",
        _script(
            "diffusion", "--train", real, "--out", folders["cd"], "--steps", train_steps, "--solver-steps", solver_steps
        ),
    )
    for name in ("sd", "biggan"):
        seconds[name] = _timed(name, [sys.executable, "-c", BUILD, str(store.root), name])
        plan = planner.case(Case(dataset="digits", generator=name, mode=Mode.SYN))
        _save(plan.synthetic[0], plan.located.content.classes, store, folders[name])
    for seed in range(SEEDS):
        common = ("--test", test, "--seed", seed, "--epochs", budget.classifier["resnet18"]["epochs"])
        seconds[f"org {seed}"] = _timed(f"org {seed}", _script("classifier", "--train", real, *common))
        for name in GENERATORS:
            syn = _script("classifier", "--train", folders[name], *common)
            mix = _script("classifier", "--train", real, "--train", folders[name], *common)
            seconds[f"{name} syn {seed}"] = _timed(f"{name} syn {seed}", syn)
            seconds[f"{name} mix {seed}"] = _timed(f"{name} mix {seed}", mix)
    for name in GENERATORS:
        for metric in METRICS:
            command = _script("metrics", "--real", real, "--synthetic", folders[name], "--metric", metric)
            seconds[f"{name} {metric}"] = _timed(f"{name} {metric}", command)
    return seconds


def _save(images: ImageSet, classes: tuple[str, ...], store: Store, folder: Path) -> None:
    opened = images.open(store)
    for number, (image, label) in enumerate(zip(opened.images, opened.labels, strict=True)):
        path = folder / classes[label] / f"{number:05}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)


def _script(name: str, *arguments: object) -> list[str]:
    return [sys.executable, str(HERE / "plain" / f"{name}.py"), *map(str, arguments)]


def _timed(name: str, command: list[str]) -> float:
    start = time.perf_counter()
    completed = subprocess.run(command, capture_output=True, text=True, env=os.environ, cwd=HERE.parent, check=False)
    seconds = time.perf_counter() - start
    if completed.returncode:
        sys.exit(f"{name} failed:\n{completed.stdout}{completed.stderr}")
    lines = completed.stdout.strip().splitlines()
    print(f"{seconds:8.1f} s  {name}  {lines[-1] if lines else ''}", flush=True)
    return seconds


if __name__ == "__main__":
    main()

"""The whole digits table by the suite, and the same work by plain scripts, one after the other.

    python benchmarks/digits_table.py
    python benchmarks/digits_table.py --suite-only --jobs 1     # what the harness adds to its stages

The plain scripts train the same networks for as many steps, sample with the same solver and compute IS, Fréchet
distance, KID, precision and recall with torch-fidelity, each metric in a run of its own; nothing is shared between
them and nothing runs side by side. For ``sd`` and ``biggan``, for which there is no usual script, the suite's own
training and sampling are timed one after the other, in processes of their own. What only the suite does (verdicts,
copying, pictures, further metrics, the report) is in its time and not in theirs.
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
    """Measure both and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", default="auto")
    parser.add_argument("--suite-only", action="store_true", help="leave the plain scripts out")
    parser.add_argument("--work", type=Path, help="an empty directory, which is kept; else a temporary one")
    given = parser.parse_args()
    if given.work and given.work.exists():
        sys.exit(f"{given.work} is there already: the table is to be made cold")
    with tempfile.TemporaryDirectory() as folder:
        work = given.work or Path(folder)
        suite = _timed("suite", _suite(work, given.jobs))
        stages = _stages(work / "store")
        plain = {} if given.suite_only else _plain(work)
    print(f"suite, --jobs {given.jobs}: {suite:.1f} s; its stages by themselves: {stages:.1f} s")
    if given.jobs == "1":
        print(f"wall less stages: {100 * (suite / stages - 1):.1f} % of the stages")
    if plain:
        print(json.dumps({"suite_seconds": suite, "plain_seconds": sum(plain.values()), "plain": plain}, indent=1))
        print(f"suite / plain: {suite / sum(plain.values()):.2f}")


def _suite(work: Path, jobs: str) -> list[str]:
    data_paths = ["--store", str(work / "store"), "--reports", str(work / "reports"), "--jobs", jobs]
    return [sys.executable, "-m", "pytest", str(HERE.parent / "cases"), "-q", "-k", "digits", *data_paths]


def _stages(root: Path) -> float:
    runs = [json.loads(path.read_text("utf-8")) for path in (root / "artifacts").glob("*/*/run.json")]
    return float(sum(run["seconds"] for run in runs))


def _plain(work: Path) -> dict[str, float]:
    """Return the seconds of every script."""
    training_cost: dict[str, float] = {}
    store = Store(work / "plain-store")
    store.prepare()
    locate("digits", DataPaths(), store.root / "contents")
    planner = Planner(load_profile("smoke"), DataPaths(), store.root / "contents")
    case = planner.case(Case(dataset="digits", generator="cd", mode=Mode.SYN))
    suite_store = Store(work / "store")  # real images are decoded before the clock starts
    real, test = work / "real", work / "test"
    _save(case.real, case.located.content.classes, suite_store, real)
    _save(case.evaluation, case.located.content.classes, suite_store, test)
    made = {name: work / name for name in GENERATORS}
    budget = planner.budget("digits")
    diffusion = budget.generator["cd"]
    steps, solver = diffusion["training"]["steps"], diffusion["sampling"]["steps"]
    training_cost["cd"] = _timed(
        "cd",
        _script("diffusion", "--train", real, "--out", made["cd"], "--steps", steps, "--solver-steps", solver),
    )
    for name in ("sd", "biggan"):
        training_cost[name] = _timed(name, [sys.executable, "-c", BUILD, str(store.root), name])
        plan = planner.case(Case(dataset="digits", generator=name, mode=Mode.SYN))
        _save(plan.synthetic[0], plan.located.content.classes, store, made[name])
    for seed in range(SEEDS):
        common = ("--test", test, "--seed", seed, "--epochs", budget.classifier.epochs)
        training_cost[f"org {seed}"] = _timed(f"org {seed}", _script("classifier", "--train", real, *common))
        for name in GENERATORS:
            syn = _script("classifier", "--train", made[name], *common)
            mix = _script("classifier", "--train", real, "--train", made[name], *common)
            training_cost[f"{name} syn {seed}"] = _timed(f"{name} syn {seed}", syn)
            training_cost[f"{name} mix {seed}"] = _timed(f"{name} mix {seed}", mix)
    for name in GENERATORS:
        for metric in METRICS:
            command = _script("metrics", "--real", real, "--synthetic", made[name], "--metric", metric)
            training_cost[f"{name} {metric}"] = _timed(f"{name} {metric}", command)
    return training_cost


def _save(images: ImageSet, classes: tuple[str, ...], store: Store, folder: Path) -> None:
    opened = images.open(store)
    for number, (image, label) in enumerate(zip(opened.images, opened.labels, strict=True)):
        path = folder / classes[label] / f"{number:05}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)


def _script(name: str, *arguments: object) -> list[str]:
    return [sys.executable, str(HERE / "plain" / f"{name}.py"), *map(str, arguments)]


def _timed(what: str, command: list[str]) -> float:
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, cwd=HERE.parent, check=False)
    seconds = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"{what} failed:\n{done.stdout}{done.stderr}")
    print(
        f"{seconds:8.1f} s  {what}  {done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ''}", flush=True
    )
    return seconds


if __name__ == "__main__":
    main()

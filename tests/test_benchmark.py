"""A benchmark run without pytest."""

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter
from plugin_project import ROOT, write_dataset
from sklearn.datasets import load_digits

from suite.artifacts import Recipe, Store
from suite.benchmark import Benchmark
from suite.datasets.content import CONTENTS
from suite.datasets.kept_pixels import kept_files
from suite.engines.engine import EventCallback
from suite.engines.local import LocalEngine
from suite.engines.progress import ProgressBar
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import Case, DiscriminatorCase, Mode
from suite.planning.options import OPTIONS
from suite.planning.run_options import RunOptions, check_options
from suite.results.models import Cell
from suite.statistics.summaries import Verdict
from suite.testing.digits import CLASSES

CASES = ROOT / "cases"
ORG = Case(dataset="photos", mode=Mode.ORG)
SYN = Case(dataset="photos", generator="mine", mode=Mode.SYN)


@pytest.fixture
def options(tmp_path: Path) -> RunOptions:
    """Options of a run on the dataset photos with one synthetic set."""
    root = write_dataset(tmp_path / "data")
    values = {option.name: option.default for option in OPTIONS}
    changed = {
        "real": root / "photos",
        "synthetic": (("mine", root / "photos" / "test"),),
        "profile": "smoke",
        "classifier": "resnet18",
        "seeds": 2,
        "jobs": 2,
        "device": "cpu",
        "limit-steps": 4,
    }
    return check_options({**values, **changed}, tmp_path)


@pytest.fixture
def benchmark_run(options: RunOptions, tmp_path: Path) -> Iterator[Benchmark]:
    run = Benchmark(options, tmp_path / "cases", ProgressBar(nullcontext))
    run.check()
    yield run
    run.stop()


def test_run_without_pytest(benchmark_run: Benchmark, options: RunOptions) -> None:
    discriminator_case = DiscriminatorCase("photos", "mine")
    for case in (ORG, SYN, discriminator_case):
        benchmark_run.select(case)
    benchmark_run.prepare_store()
    benchmark_run.start()
    org, syn = benchmark_run.cell(ORG), benchmark_run.cell(SYN)
    row = benchmark_run.discriminator(discriminator_case)
    benchmark_run.stop()
    caches = [folder / CONTENTS for folder in (options.store, options.data_paths.cache)]
    assert [len(kept_files(cache)) for cache in caches] == [2, 1], "of the splits and of the synthetic set"
    assert benchmark_run.write_report("made by a test") == ""
    assert [kept_files(cache) for cache in caches] == [[], []]
    assert (len(org.accuracies), len(syn.accuracies)) == (2, 2)
    assert syn.comparison is not None
    assert row.accuracies_real == org.accuracies
    assert benchmark_run.results is not None
    assert [cell.status for cell in benchmark_run.results.cells] == ["done", "done", "not run"]
    assert benchmark_run.results.command == "made by a test"
    assert (options.reports / "smoke" / "index.html").is_file()


def test_repair_stops_the_running_engine(
    benchmark_run: Benchmark, options: RunOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If damage is found while other cases are being built, at most one engine runs at any time."""
    first = Benchmark(options, Path(), ProgressBar(nullcontext))
    first.select(ORG)
    first.prepare_store()
    first.start()
    before = first.cell(ORG)
    first.stop()
    _damage(Store(options.store), first.planner.case(ORG).classifiers[0])

    running, max_running, lock = 0, 0, threading.Lock()
    original_run = LocalEngine.run

    def counting_run(
        self: LocalEngine, targets: Iterable[Recipe], listen: EventCallback, stop: threading.Event
    ) -> dict[str, str]:
        nonlocal running, max_running
        with lock:
            running += 1
            max_running = max(max_running, running)
        try:
            return original_run(self, targets, listen, stop)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(LocalEngine, "run", counting_run)
    benchmark_run.select(SYN)
    benchmark_run.select(ORG)
    benchmark_run.prepare_store()
    benchmark_run.start()
    after = benchmark_run.cell(ORG)
    assert max_running == 1, "two engines built at the same time"
    assert len(benchmark_run.damaged) == 1
    assert after.accuracies == before.accuracies
    assert benchmark_run.cell(SYN).status == "done"
    benchmark_run.stop()
    assert running == 0


def _damage(store: Store, recipe: Recipe) -> None:
    path = store.path(recipe.key) / "history.json"
    content = path.read_bytes()
    path.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])


def test_force_reads_images_that_changed_under_the_same_size_and_time(options: RunOptions, tmp_path: Path) -> None:
    def content(*, force: bool) -> str:
        run = Benchmark(replace(options, force=force), tmp_path / "cases", ProgressBar(nullcontext))
        run.select(ORG)
        run.prepare_store()
        run.start()
        run.stop()
        return run.planner.locate("photos").content.id

    path = tmp_path / "data" / "photos" / "train" / "red" / "0.bmp"
    Image.new("RGB", (8, 8), "red").save(path)
    before, times = content(force=False), path.stat()
    Image.new("RGB", (8, 8), "blue").save(path)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert content(force=False) == before, "otherwise this test shows nothing"
    assert content(force=True) != before


def digits_options(root: Path, seeds: int | None, jobs: int = 2, **more: object) -> RunOptions:
    """Options of a short run on digits with blurred training images as the synthetic set."""
    folder = root / "blurred"
    if not folder.exists():
        digits = load_digits()
        for number, (pixels, label) in enumerate(zip(digits.images, digits.target, strict=True)):
            image = Image.fromarray(np.round(pixels * 255 / 16).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1))
            (folder / CLASSES[label]).mkdir(parents=True, exist_ok=True)
            image.save(folder / CLASSES[label] / f"{number}.png")
    values = {option.name: option.default for option in OPTIONS}
    changed = {"synthetic": (("blurred", folder),), "seeds": seeds, "jobs": jobs, "device": "cpu", "limit-steps": 30}
    return check_options({**values, **changed, **more}, root)


def run_digits(options: RunOptions) -> Cell:
    """Run one MIX cell of digits and return it."""
    mix = Case(dataset="digits", generator="blurred", mode=Mode.MIX)
    run = Benchmark(options, CASES, ProgressBar(nullcontext))
    run.check()
    for case in (Case(dataset="digits", mode=Mode.ORG), mix):
        run.select(case)
    run.prepare_store()
    run.start()
    try:
        return run.cell(mix)
    finally:
        run.stop()


@pytest.mark.thorough
def test_verdict_does_not_depend_on_interruptions_jobs_and_caps(tmp_path: Path) -> None:
    """An undecided cell gets more seeds; a capped, an interrupted and a resumed run end with the same verdict."""
    first = run_digits(digits_options(tmp_path, 5))
    assert first.judgement is not None
    assert first.judgement.verdict is Verdict.UNDECIDED, "otherwise this test shows nothing"
    out_of_time = run_digits(digits_options(tmp_path, None, budget=0.01))
    assert (out_of_time.judgement, out_of_time.accuracies) == (first.judgement, first.accuracies)
    resumed = run_digits(digits_options(tmp_path, None))
    assert len(resumed.accuracies) == 8
    cold = run_digits(digits_options(tmp_path, None, jobs=1, store=tmp_path / "other"))
    assert cold.keys["verdict"] == resumed.keys["verdict"] != first.keys["verdict"]
    assert cold.judgement == resumed.judgement
    again = run_digits(digits_options(tmp_path, 5))
    assert again.judgement == first.judgement, "seeds beyond the cap are not used"


def test_cell_that_is_not_valid_is_trained_no_further(options: RunOptions, tmp_path: Path) -> None:
    """The synthetic set is the test set."""
    run = Benchmark(replace(options, overrides=BudgetOverrides(limit_steps=4)), tmp_path, ProgressBar(nullcontext))
    run.select(SYN)
    run.prepare_store()
    run.start()
    cell = run.cell(SYN)
    run.stop()
    assert len(cell.accuracies) == 5
    assert cell.judgement is not None
    assert cell.judgement.verdict is Verdict.NOT_VALID
    assert cell.judgement.reason.startswith("18 of 18 test images are among the synthetic ones")


def verdict_keys(root: Path, cases: Path, **options: object) -> tuple[str, str]:
    """Return the keys of the verdict on digits-cd-mix at its first two looks, planned by a run with these options."""
    values = {option.name: option.default for option in OPTIONS}
    run = Benchmark(check_options({**values, "device": "cpu", **options}, root), cases, ProgressBar(nullcontext))
    run.check()
    for case in (*run.catalog.table1, *run.catalog.variants):
        run.select(case)
    mix = Case(dataset="digits", generator="cd", mode=Mode.MIX)
    first, second = (run.planner.case(mix, seeds).verdict for seeds in (5, 8))
    assert first is not None
    assert second is not None
    return first.key, second.key


def test_verdict_does_not_depend_on_what_else_is_run(tmp_path: Path) -> None:
    """Equal keys mean equal bytes. More than three generators share the level among more cells."""

    def folder(name: str, *generators: str, dataset: str = "digits") -> Path:
        path = tmp_path / name
        path.mkdir(exist_ok=True)
        (path / f"{dataset}.toml").write_text(f"generators = {list(generators)}\n", encoding="utf-8")
        return path

    images = tmp_path / "images" / "zero"
    images.mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(images / "0.png")
    alone = verdict_keys(tmp_path, folder("one", "cd"))
    three = folder("three", "sd", "cd", "biggan")
    assert verdict_keys(tmp_path, three) == alone
    folder("three", "cd", dataset="fashion-mnist")
    assert verdict_keys(tmp_path, three) == alone, "another dataset"
    assert verdict_keys(tmp_path, three, sweep=("all",)) == alone, "sweeps"
    assert verdict_keys(tmp_path, three, seeds=32, jobs=7) == alone, "cap and jobs"
    added = {"synthetic": (("mine", tmp_path / "images"),)}
    assert verdict_keys(tmp_path, folder("two", "cd", "sd"), **added) == alone
    assert verdict_keys(tmp_path, three, **added) != alone, "the fourth generator"


def test_the_ceiling_is_not_counted_for_the_level_of_the_verdicts(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    for fourth, counted in {"heldback": 3, "cifake": 4}.items():
        generators = ["cd", "sd", "biggan", fourth]
        (tmp_path / "cases" / "digits.toml").write_text(f"generators = {generators}\n", encoding="utf-8")
        values = {option.name: option.default for option in OPTIONS}
        options = check_options(
            {**values, "profile": "smoke", "classifier": "resnet18", "store": tmp_path / "store"}, tmp_path
        )
        run = Benchmark(options, tmp_path / "cases", ProgressBar(nullcontext))
        verdict = run.planner.case(Case(dataset="digits", generator="cd", mode=Mode.MIX)).verdict
        assert verdict is not None
        assert verdict.level == pytest.approx(0.04 / counted)

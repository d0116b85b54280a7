"""The preview of a plan: cached, shared and missing artifacts, and downloads."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.artifacts import DataPaths, Store
from suite.engines.build import build_all, in_order
from suite.planning.budget_overrides import BudgetOverrides
from suite.planning.case import Case, DiscriminatorCase, Mode, cases_of
from suite.planning.cost_estimates import Estimator
from suite.planning.dry_run import DryRunPlanner
from suite.planning.profiles import load_profile
from suite.report.plan_preview import Preview

ORG = Case(dataset="digits", mode=Mode.ORG)


@pytest.fixture
def dry_run(tmp_path: Path) -> DryRunPlanner:
    return DryRunPlanner(
        load_profile("smoke"), DataPaths(cache=tmp_path), tmp_path / "memo", BudgetOverrides(max_seeds=1)
    )


@pytest.fixture
def preview(dry_run: DryRunPlanner, store: Store) -> Callable[..., Preview]:
    def make(*, download: bool = False, workers: int = 1) -> Preview:
        estimator = Estimator(store, DataPaths(), "cpu")
        return Preview(dry_run, store, estimator, download=download, workers=workers)

    return make


def states(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if line.startswith(("  cached", "  shared", "  to build"))]
    return [line[2:10].strip() for line in lines]


def test_artifacts_in_the_store_are_cached(
    dry_run: DryRunPlanner, store: Store, preview: Callable[..., Preview]
) -> None:
    plan = dry_run.case(ORG)
    before = preview().text([ORG])
    assert set(states(before)) == {"to build"}
    build_all(store, [plan.real])
    after = preview().text([ORG])
    assert states(after).count("cached") == len(list(in_order(plan.real)))
    assert len(states(after)) == len(list(in_order(*plan.targets)))
    assert f"  cached    {plan.real.key[:12]}  {plan.real.label}" in after


def test_the_shortest_time_of_parallel_workers_is_given(preview: Callable[..., Preview]) -> None:
    one, two = (preview(workers=count).text([ORG]) for count in (1, 2))
    assert "parallel" not in one
    assert "2 parallel workers need at least " in two


def test_the_curve_of_real_images_has_a_price_until_it_is_selected(preview: Callable[..., Preview]) -> None:
    curve = [ORG.model_copy(update={"variant": f"scarcity-{count}"}) for count in (10, 25)]
    (line,) = re.findall("Equivalent real images .*", preview().text([ORG], {"digits": curve}))
    assert re.fullmatch(r"Equivalent real images of digits, with --sweep scarcity: [\d.]+ (s|min) more for ORG", line)
    assert "Equivalent" not in preview().text([ORG, *curve], {"digits": curve})


def test_recipes_are_counted_once(preview: Callable[..., Preview]) -> None:
    cells = cases_of("digits", ("cd",))
    text = preview().text([*cells, *cells])
    again = text.splitlines()[text.splitlines().index("digits-org", 5) :]
    assert "estimate beyond the cells above: nothing is left to build" in "\n".join(again)
    once = preview().text(cells)
    assert [line for line in once.splitlines() if line.startswith("First look")] == [
        line for line in text.splitlines() if line.startswith("First look")
    ]


def test_a_dataset_is_downloaded_once(preview: Callable[..., Preview]) -> None:
    rows = [Case(dataset="cifar10", mode=Mode.ORG), DiscriminatorCase("cifar10", "cd")]
    allowed, forbidden = (preview(download=download).text(rows) for download in (True, False))
    assert allowed.count("  to fetch  cifar10, 163 MiB") == 2
    first, second, total = (line for line in allowed.splitlines() if line.startswith(("  estimate", "First look")))
    assert ["download of cifar10" in line for line in (first, second, total)] == [True, False, True]
    assert "cannot run" not in allowed
    assert forbidden.count("  cannot run: cifar10 is not on this machine: run with --download") == 2
    assert "to fetch" not in forbidden

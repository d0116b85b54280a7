"""The fixtures of the cases."""

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from suite.benchmark import Benchmark
from suite.errors import SuiteError, Unavailable
from suite.planning.case import AnyCase, Case
from suite.planning.case_plan import CasePlan
from suite.plugin.case_data import Images, TrainedClassifier
from suite.plugin.clock import recorded_clock
from suite.results.models import Cell, DiscriminatorResult

BENCHMARK = pytest.StashKey[Benchmark]()
T = TypeVar("T")


def _or_skip(function: Callable[[], T], run: Benchmark, case: AnyCase) -> T:
    """Call a function; if the case cannot be run, skip or fail with one line and keep the reason for the report."""
    try:
        return function()
    except SuiteError as suite_error:
        error = suite_error
    # Outside of the except block, so that pytest does not show the traceback of the original error.
    run.set_problem(case, error)
    if isinstance(error, Unavailable):
        pytest.skip(str(error))
    pytest.fail(str(error), pytrace=False)


@pytest.fixture
def benchmark_run(request: pytest.FixtureRequest) -> Benchmark:
    """The run that plans, builds and reads results."""
    return request.config.stash[BENCHMARK]


@pytest.fixture
def plan(case: Case, benchmark_run: Benchmark) -> CasePlan:
    """The recipes of the case at its first look."""
    return _or_skip(lambda: benchmark_run.planner.case(case), benchmark_run, case)


@pytest.fixture
def real_data(plan: CasePlan, benchmark_run: Benchmark) -> Images:
    """The real training images of the case."""
    return Images(plan.real, benchmark_run.store, benchmark_run.wait)


@pytest.fixture
def synthetic(plan: CasePlan, benchmark_run: Benchmark) -> tuple[Images, ...]:
    """The synthetic images of the case, one set or one for each classifier seed; empty for ``org``."""
    return tuple(Images(images, benchmark_run.store, benchmark_run.wait) for images in plan.synthetic)


@pytest.fixture
def classifier(plan: CasePlan, benchmark_run: Benchmark) -> tuple[TrainedClassifier, ...]:
    """The classifiers of the case at its first look, one for each classifier seed."""
    return tuple(TrainedClassifier(recipe, benchmark_run.store, benchmark_run.wait) for recipe in plan.classifiers)


@pytest.fixture
def result(request: pytest.FixtureRequest, benchmark_run: Benchmark) -> Cell | DiscriminatorResult:
    """The result of the cell or of the row of the discriminator table; waits until it is built."""
    if "discriminator" in request.fixturenames:
        pair = request.getfixturevalue("discriminator")
        return _or_skip(lambda: benchmark_run.discriminator(pair), benchmark_run, pair)
    case = request.getfixturevalue("case")
    return _or_skip(lambda: benchmark_run.cell(case), benchmark_run, case)


@pytest.fixture
def expected(result: Cell, benchmark_run: Benchmark) -> tuple[float, float] | None:
    """The expected range of the mean in percent; None if there is none.

    With the paper's own settings, a cell outside its range is a finding: the report shows both numbers, and the test
    does not fail.
    """
    return None if benchmark_run.profile.name == "paper" else result.expected


@pytest.fixture
def recorded(result: Cell, benchmark: Any) -> None:
    """Show the recorded build time of the case in pytest-benchmark's table, with its figures as extra info."""
    seconds = sum(result.seconds.values())
    benchmark.extra_info.update(mean=result.mean, **result.metrics)
    benchmark.pedantic(recorded_clock.advance, args=(seconds,), rounds=1, iterations=1)

"""The fixtures that hand a case what it needs."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from suite.errors import SuiteError, Unavailable
from suite.planning.case import Case
from suite.planning.case_plan import CasePlan
from suite.plugin.case_data import Images, Trained
from suite.plugin.clock import recorded_clock
from suite.results.models import Cell, Discriminator

if TYPE_CHECKING:
    from suite.plugin.session import BenchmarkSession

SESSION = pytest.StashKey["BenchmarkSession"]()
T = TypeVar("T")


def _kindly(make: Callable[[], T], session: "BenchmarkSession", wanted: Any) -> T:
    """Return what ``make`` makes; what stands in the way becomes one line, and the reason in the report."""
    try:
        return make()
    except SuiteError as error:
        trouble = error
    # Out here, so that pytest does not show what the error was raised from as well.
    if isinstance(trouble, Unavailable):
        session.broken[wanted] = ("unavailable", str(trouble))
        pytest.skip(str(trouble))
    session.broken[wanted] = ("failed", str(trouble))
    pytest.fail(str(trouble), pytrace=False)


@pytest.fixture
def benchmark_session(request: pytest.FixtureRequest) -> "BenchmarkSession":
    """The session that plans, builds and remembers."""
    return request.config.stash[SESSION]


@pytest.fixture
def plan(case: Case, benchmark_session: "BenchmarkSession") -> CasePlan:
    """The recipes of the case."""
    return _kindly(lambda: benchmark_session.planner.case(case), benchmark_session, case)


@pytest.fixture
def real_data(plan: CasePlan, benchmark_session: "BenchmarkSession") -> Images:
    """The real training images of the case."""
    return Images(plan.real, benchmark_session.store, benchmark_session.wait)


@pytest.fixture
def synthetic(plan: CasePlan, benchmark_session: "BenchmarkSession") -> tuple[Images, ...]:
    """The synthetic images of the case, one set a generator seed; empty for ``org``."""
    return tuple(Images(images, benchmark_session.store, benchmark_session.wait) for images in plan.synthetic)


@pytest.fixture
def classifier(plan: CasePlan, benchmark_session: "BenchmarkSession") -> tuple[Trained, ...]:
    """The classifiers of the case, by generator seed, then by classifier seed."""
    return tuple(Trained(recipe, benchmark_session.store, benchmark_session.wait) for recipe in plan.classifiers)


@pytest.fixture
def result(request: pytest.FixtureRequest, benchmark_session: "BenchmarkSession") -> Cell | Discriminator:
    """The result of the case or of the discriminator test, as soon as all of it is there."""
    if "discriminator" in request.fixturenames:
        pair = request.getfixturevalue("discriminator")
        return _kindly(lambda: benchmark_session.discriminator(pair), benchmark_session, pair)
    wanted = request.getfixturevalue("case")
    return _kindly(lambda: benchmark_session.cell(wanted), benchmark_session, wanted)


@pytest.fixture
def expected(result: Cell, benchmark_session: "BenchmarkSession") -> tuple[float, float] | None:
    """The range in which the mean should lie; None where none is known.

    With the paper's own settings a cell outside its range is a finding, reported with both numbers, and no failure.
    """
    return None if benchmark_session.profile.name == "paper" else result.expected


@pytest.fixture
def recorded(result: Cell, benchmark: Any) -> None:
    """Show pytest-benchmark the recorded build time of the case, and its figures beside it."""
    seconds = sum(result.seconds.values())
    benchmark.extra_info.update(mean=result.mean, **result.metrics)
    benchmark.pedantic(recorded_clock.advance, args=(seconds,), rounds=1, iterations=1)

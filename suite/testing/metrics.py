"""What every metric promises."""

import re
from collections.abc import Callable
from functools import partial
from importlib import import_module
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from suite.artifacts import DataPaths, Store
from suite.compute import Compute
from suite.engines.build import build_all
from suite.images import ImageSet
from suite.metrics.fidelity.metric import Measurement, Metric, metrics
from suite.metrics.recipes import Fidelity, plan_fidelity
from suite.testing.checks import check_texts, disturb, heavy_imports, payload
from suite.testing.digits import digits

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison

IMAGES = (24, 23, 22)
REFERENCE = (22, 22, 22)
FEW = (1, 0, 2)
Plan = Callable[..., Fidelity]


class MetricContract:
    """Inherit, and set ``plugin``.

    What is measured are scikit-learn's digits of three classes against others of the same classes, in the space of
    their pixels unless ``extractor`` says otherwise.

    Attributes:
        plugin: The class.
        extractor: Name of the extractor.
        side: Height and width in pixels at which it looks.
    """

    plugin: type[Metric]
    extractor: ClassVar[str] = "pixels"
    side: ClassVar[int] = 8

    @pytest.fixture(scope="class")
    @classmethod
    def metric(cls) -> Metric:
        """The plugin; override it where the class takes arguments."""
        return cls.plugin()

    @pytest.fixture(scope="class")
    @classmethod
    def plan(cls, metric: Metric) -> Plan:
        """How a measurement of one set against another is planned."""

        def planned(synthetic: ImageSet, reference: ImageSet) -> Fidelity:
            with metrics.knowing(metric):
                return plan_fidelity(
                    synthetic,
                    reference,
                    cls.extractor,
                    Compute(),
                    natural=False,
                    side=cls.side,
                    only=(metric.name,),
                )

        return planned

    @pytest.fixture(scope="class")
    @classmethod
    def store(cls, tmp_path_factory: pytest.TempPathFactory) -> Store:
        """A store for images, features and their statistics."""
        made = Store(tmp_path_factory.mktemp("store"))
        made.prepare()
        return made

    @pytest.fixture(scope="class")
    @classmethod
    def compare(cls, plan: Plan, store: Store) -> "Callable[[ImageSet, ImageSet], SetComparison]":
        """How one set is laid beside another, as a metric sees them."""

        def compared(synthetic: ImageSet, reference: ImageSet) -> "SetComparison":
            from suite.metrics.set_comparison import SetComparison

            recipe = plan(synthetic, reference)
            build_all(store, recipe.dependencies)
            return SetComparison(recipe, store)

        return compared

    @pytest.fixture(scope="class")
    @classmethod
    def comparison(cls, compare: "Callable[[ImageSet, ImageSet], SetComparison]") -> "SetComparison":
        """Two sets of more than sixty images."""
        return compare(digits(*IMAGES, part="validation"), digits(*REFERENCE))

    @pytest.fixture(scope="class")
    @classmethod
    def measured(cls, metric: Metric, comparison: "SetComparison") -> list[Measurement]:
        """What the metric says of them."""
        disturb(1)
        return list(metric.measure(comparison))

    def test_says_what_it_is(self, metric: Metric) -> None:
        """Its version is part of the key of what it measures."""
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*", metric.name)
        check_texts(metric.title)
        assert isinstance(metric.version, int)
        assert metric.version >= 1

    def test_planning_is_light(self, metric: Metric) -> None:
        """Its module imports what it computes with when it computes."""
        assert heavy_imports(import_module, type(metric).__module__) == []

    def test_a_number_says_what_it_is(self, comparison: "SetComparison", measured: list[Measurement]) -> None:
        """The id names extractor, weights, resize, input size, N and, if there is one, the reference and its N."""
        assert measured
        space = comparison.space
        for one in measured:
            assert f"({space.id})" in one.id
            assert f"({space.title})" in one.name
            if one.reference_n is None:
                assert one.id.endswith(f":n={sum(IMAGES)}")
            else:
                assert f":{comparison.split}:" in one.id
                assert one.id.endswith(f":n={sum(IMAGES)}/{sum(REFERENCE)}")
        for names in ([one.id for one in measured], [one.name for one in measured]):
            assert len(set(names)) == len(names)

    def test_only_literatures_space_gives_fid(self, comparison: "SetComparison", measured: list[Measurement]) -> None:
        """In any other it is a Fréchet distance, FD."""
        assert not comparison.space.literature
        assert [one.id for one in measured if "fid" in re.split(r"[^a-z]+", f"{one.id} {one.name}".casefold())] == []

    def test_the_synthetic_set_is_what_is_measured(self, measured: list[Measurement]) -> None:
        """And not the reference, which has another number of images."""
        assert {one.n for one in measured} == {sum(IMAGES)}
        assert {one.reference_n for one in measured} <= {sum(REFERENCE), None}

    def test_numbers_lie_within_their_bounds(self, measured: list[Measurement]) -> None:
        """Or are refused, with the reason."""
        for one in measured:
            _check(one)
            assert one.per_class is None or len(one.per_class) == len(IMAGES)

    def test_the_same_again_whatever_was_drawn_before(
        self, metric: Metric, comparison: "SetComparison", measured: list[Measurement]
    ) -> None:
        """Every draw comes from the comparison's seed."""
        disturb(2)
        assert list(metric.measure(comparison)) == measured

    def test_what_it_looks_at_stays_as_it_was(
        self, metric: Metric, compare: "Callable[[ImageSet, ImageSet], SetComparison]"
    ) -> None:
        """Other metrics look at the same arrays."""
        comparison = compare(digits(*IMAGES, part="validation"), digits(*REFERENCE))
        sides = (comparison.synthetic, comparison.reference)
        shown = [array for side in sides for array in (side.features, side.logits, side.labels)]
        before = [array.tobytes() for array in shown]
        assert list(metric.measure(comparison))
        assert [array.tobytes() for array in shown] == before

    def test_a_few_images_are_measured_or_refused(
        self, metric: Metric, compare: "Callable[[ImageSet, ImageSet], SetComparison]"
    ) -> None:
        """Three images, and a class without any, end in a number or in a reason."""
        for one in metric.measure(compare(digits(*FEW, part="validation"), digits(*REFERENCE))):
            _check(one)
            assert one.n == sum(FEW)

    def test_same_key_same_bytes(
        self, metric: Metric, plan: Plan, store: Store, measured: list[Measurement], tmp_path: Path
    ) -> None:
        """Its artifact holds what it measured, and is the same in another store."""
        recipe = plan(digits(*IMAGES, part="validation"), digits(*REFERENCE))
        other = Store(tmp_path / "other")
        other.prepare()
        with metrics.knowing(metric):
            read = partial(payload, recipes=[recipe], data_paths=DataPaths())
            assert read(other) == read(store)
            (artifact,) = build_all(store, [recipe])
        assert artifact.json("metrics.json") == {
            one.id: one.model_dump(mode="json", exclude={"id"}) for one in measured
        }


def _check(one: Measurement) -> None:
    """Assert that a measurement has a number within its bounds, or a reason for having none."""
    low, high = one.bounds
    if one.value is None:
        check_texts(one.note)
        return
    assert isfinite(one.value)
    assert low is None or one.value >= low, one
    assert high is None or one.value <= high, one
    assert one.interval is None or one.interval[0] <= one.value <= one.interval[1], one

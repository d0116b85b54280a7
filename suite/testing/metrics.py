"""The contract of metrics."""

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
from suite.metrics.fidelity.metric import Metric, metrics
from suite.metrics.measurement import Measurement
from suite.metrics.recipes import Fidelity, plan_fidelity
from suite.testing.checks import build_payloads, check_one_line, heavy_imports, reseed_global_generators
from suite.testing.digits import digits

if TYPE_CHECKING:
    from suite.metrics.set_comparison import SetComparison

IMAGES = (24, 23, 22)
REFERENCE = (22, 22, 22)
FEW = (1, 0, 2)
Plan = Callable[..., Fidelity]


class MetricContract:
    """Tests for a metric. Inherit and set ``plugin``.

    The metric compares scikit-learn's digits of three classes with other digits of these classes. The feature space is
    their pixels by default.

    Attributes:
        plugin: The metric class.
        extractor: Name of the feature extractor.
        side: Height and width in pixels of the extractor's input.
    """

    plugin: type[Metric]
    extractor: ClassVar[str] = "pixels"
    side: ClassVar[int] = 8

    @pytest.fixture(scope="class")
    @classmethod
    def metric(cls) -> Metric:
        """The plugin; override this fixture if the class takes arguments."""
        return cls.plugin()

    @pytest.fixture(scope="class")
    @classmethod
    def plan(cls, metric: Metric) -> Plan:
        """A function that plans the measurement of a synthetic set against a reference set."""

        def plan_sets(synthetic: ImageSet, reference: ImageSet) -> Fidelity:
            with metrics.temporarily_registered(metric):
                return plan_fidelity(
                    synthetic,
                    reference,
                    cls.extractor,
                    Compute(),
                    natural=False,
                    side=cls.side,
                    only=(metric.name,),
                )

        return plan_sets

    @pytest.fixture(scope="class")
    @classmethod
    def store(cls, tmp_path_factory: pytest.TempPathFactory) -> Store:
        """A store for images, features and their statistics."""
        store = Store(tmp_path_factory.mktemp("store"))
        store.prepare()
        return store

    @pytest.fixture(scope="class")
    @classmethod
    def compare(cls, plan: Plan, store: Store) -> "Callable[[ImageSet, ImageSet], SetComparison]":
        """A function that builds the features of two sets and returns the comparison that a metric gets."""

        def compare_sets(synthetic: ImageSet, reference: ImageSet) -> "SetComparison":
            recipe = plan(synthetic, reference)
            build_all(store, recipe.dependencies)
            return recipe.comparison(store)

        return compare_sets

    @pytest.fixture(scope="class")
    @classmethod
    def comparison(cls, compare: "Callable[[ImageSet, ImageSet], SetComparison]") -> "SetComparison":
        """The comparison of two sets of more than sixty images each."""
        return compare(digits(*IMAGES, part="validation"), digits(*REFERENCE))

    @pytest.fixture(scope="class")
    @classmethod
    def measured(cls, metric: Metric, comparison: "SetComparison") -> list[Measurement]:
        """The measurements of this comparison."""
        reseed_global_generators(1)
        return list(metric.measure(comparison))

    def test_name_title_and_version(self, metric: Metric) -> None:
        """Name and version are part of the key of the measurements."""
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*", metric.name)
        check_one_line(metric.title)
        assert isinstance(metric.version, int)
        assert metric.version >= 1

    def test_planning_imports_no_heavy_library(self, metric: Metric) -> None:
        """The module of the plugin imports numpy and the like only when it computes."""
        assert heavy_imports(import_module, type(metric).__module__) == []

    def test_ids_and_names_are_complete(self, comparison: "SetComparison", measured: list[Measurement]) -> None:
        """The id names extractor, weights, resize, input size, N and, if there is one, the reference and its N."""
        assert measured
        space = comparison.space
        for measurement in measured:
            assert f"({space.id})" in measurement.id
            assert f"({space.title})" in measurement.name
            if measurement.reference_n is None:
                assert measurement.id.endswith(f":n={sum(IMAGES)}")
            else:
                assert f":{comparison.split}:" in measurement.id
                assert measurement.id.endswith(f":n={sum(IMAGES)}/{sum(REFERENCE)}")
        for names in ([measurement.id for measurement in measured], [measurement.name for measurement in measured]):
            assert len(set(names)) == len(names)

    def test_fid_only_for_the_literature_weights(
        self, comparison: "SetComparison", measured: list[Measurement]
    ) -> None:
        """Only the Inception weights of the literature give an FID; in other feature spaces it is called FD."""
        assert not comparison.space.literature
        for measurement in measured:
            assert "fid" not in re.split(r"[^a-z]+", f"{measurement.id} {measurement.name}".casefold())

    def test_the_synthetic_set_is_measured(self, measured: list[Measurement]) -> None:
        """The synthetic set is measured, not the reference, which has another number of images."""
        assert {measurement.n for measurement in measured} == {sum(IMAGES)}
        assert {measurement.reference_n for measurement in measured} <= {sum(REFERENCE), None}

    def test_values_are_within_bounds(self, measured: list[Measurement]) -> None:
        """Each value is within its bounds, or missing with a reason; values per class cover all classes."""
        for measurement in measured:
            _check(measurement)
            assert measurement.per_class is None or len(measurement.per_class) == len(IMAGES)

    def test_repeating_gives_the_same_values(
        self, metric: Metric, comparison: "SetComparison", measured: list[Measurement]
    ) -> None:
        """All random numbers come from the seed of the comparison."""
        reseed_global_generators(2)
        assert list(metric.measure(comparison)) == measured

    def test_inputs_are_not_modified(
        self, metric: Metric, compare: "Callable[[ImageSet, ImageSet], SetComparison]"
    ) -> None:
        """Other metrics use the same arrays."""
        comparison = compare(digits(*IMAGES, part="validation"), digits(*REFERENCE))
        sides = (comparison.synthetic, comparison.reference)
        arrays = [array for side in sides for array in (side.features, side.logits, side.labels)]
        before = [array.tobytes() for array in arrays]
        assert list(metric.measure(comparison))
        assert [array.tobytes() for array in arrays] == before

    def test_few_images_give_a_value_or_a_reason(
        self, metric: Metric, compare: "Callable[[ImageSet, ImageSet], SetComparison]"
    ) -> None:
        """Three images, with one class empty, give a value or the reason why there is none."""
        for measurement in metric.measure(compare(digits(*FEW, part="validation"), digits(*REFERENCE))):
            _check(measurement)
            assert measurement.n == sum(FEW)

    def test_same_key_same_bytes(
        self, metric: Metric, plan: Plan, store: Store, measured: list[Measurement], tmp_path: Path
    ) -> None:
        """The artifact holds the measurements, and has the same bytes in another store."""
        recipe = plan(digits(*IMAGES, part="validation"), digits(*REFERENCE))
        other = Store(tmp_path / "other")
        other.prepare()
        with metrics.temporarily_registered(metric):
            build_in = partial(build_payloads, recipes=[recipe], data_paths=DataPaths())
            assert build_in(other) == build_in(store)
            (artifact,) = build_all(store, [recipe])
        assert artifact.json("metrics.json") == {
            measurement.id: measurement.model_dump(mode="json", exclude={"id"}) for measurement in measured
        }


def _check(measurement: Measurement) -> None:
    """Assert that a measurement has a value within its bounds, or a reason why it has none."""
    low, high = measurement.bounds
    if measurement.value is None:
        check_one_line(measurement.note)
        return
    assert isfinite(measurement.value)
    assert low is None or measurement.value >= low, measurement
    assert high is None or measurement.value <= high, measurement
    if measurement.interval is not None:
        assert measurement.interval[0] <= measurement.value <= measurement.interval[1], measurement

"""Estimates: recorded times in proportion to operations, else an assumed speed; and they say which."""

from collections.abc import Callable

import pytest
from simple_recipes import Number, Painted

from suite.artifacts import CostEstimate, DataPaths, Recipe, Store
from suite.artifacts.resources import ResourceRequest
from suite.classifiers.recipes import Classifier
from suite.classifiers.settings import ClassifierSettings
from suite.compute import Compute
from suite.engines.build import build, build_all
from suite.generators.sd.pipelines import HubPipeline
from suite.generators.sd.recipes import SampleTextToImage
from suite.generators.sd.settings import TextToImageSampling
from suite.planning.cost_estimates import ASSUMED, MIN_SECONDS, RECORDED, SMALL, SPEEDS, UNKNOWN, Estimator


class Counted(Number):
    """A number that says how many operations it takes."""

    step = "test-counted"
    resources = ResourceRequest(gpus=1)

    operations: float | None
    payload: int = 0
    memory: int = 0

    @property
    def cost(self) -> CostEstimate:
        return CostEstimate(operations=self.operations, payload=self.payload, memory=self.memory)


class OnHost(Counted):
    """Never touches the device."""

    step = "test-on-host"
    resources = ResourceRequest()


@pytest.fixture
def estimator(store: Store) -> Callable[..., Estimator]:
    return lambda device="cpu": Estimator(store, DataPaths(), device)


def took(store: Store, recipe: Recipe, seconds: float, device: str = "cpu") -> None:
    """Put a recipe's artifact into the store as if it had taken so long."""
    with store.lock(recipe.key):
        store.workspace(recipe.key)
        run = {"step": recipe.step, "seconds": seconds, "operations": recipe.cost.operations, "device": device}
        store.publish(recipe, run)


def test_an_empty_store_gives_operations_at_the_assumed_speed(estimator: Callable[..., Estimator]) -> None:
    recipe = Counted(operations=8e12)
    assert estimator().seconds(recipe) == (8e12 / SPEEDS["cpu", "float32"], ASSUMED)
    assert estimator("cuda").seconds(recipe) == (8e12 / SPEEDS["cuda", "float32"], ASSUMED)
    assert estimator("cuda").seconds(OnHost(operations=8e12)) == estimator().seconds(recipe)


def test_precision_and_threads_change_the_assumed_speed(estimator: Callable[..., Estimator]) -> None:
    def training(**compute: object) -> Classifier:
        return Classifier(
            training_set=Painted(per_class=(900, 900), size=32),
            classes=2,
            settings=ClassifierSettings(width=64),
            seed=0,
            compute=Compute.model_validate(compute),
        )

    slow = estimator().seconds(training())[0]
    assert estimator().seconds(training(threads=2))[0] == pytest.approx(slow / 2)
    fast = [estimator("cuda").seconds(training(precision=name))[0] for name in ("float32", "bfloat16")]
    assert fast[0] / fast[1] == pytest.approx(SPEEDS["cuda", "bfloat16"] / SPEEDS["cuda", "float32"])


def test_recorded_times_go_before_in_proportion_to_operations(
    store: Store, estimator: Callable[..., Estimator]
) -> None:
    took(store, Counted(operations=1e9, value=1), 10)
    took(store, Counted(operations=3e9, value=2), 20)
    took(store, Counted(operations=None, value=3), 1000)
    assert estimator().seconds(Counted(operations=2e9)) == (pytest.approx(2 * 30 / 4), RECORDED)
    assert estimator("cuda").seconds(Counted(operations=2e13))[1] == ASSUMED, "another device tells nothing"


@pytest.mark.parametrize("device", ["cuda:1 (A GPU)", "cuda (A GPU)"])
def test_what_was_recorded_on_a_gpu_tells_of_gpus_and_the_processor_beside_it_of_itself(
    store: Store, estimator: Callable[..., Estimator], device: str
) -> None:
    took(store, Counted(operations=1e9), 10, device)
    took(store, OnHost(operations=1e9), 10)
    assert estimator("cuda").seconds(Counted(operations=2e9)) == (20, RECORDED)
    assert estimator("cuda").seconds(OnHost(operations=2e9)) == (20, RECORDED)


def test_what_counts_no_operations_takes_the_mean_of_its_step(
    store: Store, estimator: Callable[..., Estimator]
) -> None:
    assert estimator().seconds(Number()) == (MIN_SECONDS, SMALL)
    assert estimator().seconds(Counted(operations=None)) == (0.0, UNKNOWN)
    took(store, Number(value=1), 4)
    took(store, Number(value=2), 8)
    assert estimator().seconds(Number()) == (6, RECORDED)


def test_a_real_build_records_what_the_next_estimate_rests_on(
    store: Store, estimator: Callable[..., Estimator]
) -> None:
    recipe = Counted(operations=5e9)
    artifact = build(store, recipe)
    assert artifact is not None
    assert (artifact.run["step"], artifact.run["operations"]) == ("test-counted", 5e9)
    assert estimator().seconds(recipe)[1] == RECORDED


def test_a_store_of_an_older_version_is_no_obstacle(store: Store, estimator: Callable[..., Estimator]) -> None:
    with store.lock(Number().key):
        store.workspace(Number().key)
        store.publish(Number(), {"label": "number", "seconds": 3.0})
    assert estimator().seconds(Number(value=1)) == (MIN_SECONDS, SMALL)


def test_the_sum_has_the_largest_memory_and_each_download_once(estimator: Callable[..., Estimator]) -> None:
    hub = SampleTextToImage(
        pipeline=HubPipeline(id="someone/something", revision="0" * 40),
        prompts=(("a",), ("b",)),
        per_class=(2, 3),
        size=4,
        settings=TextToImageSampling(),
        seed=0,
        compute=Compute(),
    )
    recipes = [
        Counted(operations=0.0, payload=7, memory=5),
        Counted(operations=None, payload=8, memory=50),
        hub,
        hub.model_copy(update={"seed": 1}),
    ]
    found = estimator().estimate(recipes)
    assert found.payload == 15 + 2 * 5 * (4 * 4 * 3 + 8)
    assert (found.memory, found.largest) == (50, "test-counted")
    assert found.seconds == MIN_SECONDS
    assert found.bases == {SMALL: {"test-counted"}, UNKNOWN: {"test-counted", "text-to-image-samples"}}
    assert [(one.what, one.size) for one in found.downloads.values()] == [("someone/something at 00000000", None)]


def test_estimated_payloads_are_those_that_are_made(store: Store) -> None:
    images = Painted(per_class=(3, 4), size=8)
    settings = ClassifierSettings(width=4, epochs=1)
    trained = Classifier(training_set=images, classes=2, settings=settings, seed=0, compute=Compute())
    for artifact, recipe in zip(build_all(store, [images, trained]), (images, trained), strict=True):
        made = artifact.bytes
        overhead = made - recipe.cost.payload
        assert 0 <= overhead < 0.3 * made + 20_000, recipe.label
    assert images.cost.payload == 7 * (8 * 8 * 3 + 8)

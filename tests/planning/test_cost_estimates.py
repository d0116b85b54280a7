"""Cost estimates: recorded times in proportion to operations, else operations at an assumed speed, and their basis."""

from collections.abc import Callable

import pytest
from simple_classifiers import resnet18
from simple_recipes import Number, Painted

from suite.artifacts import CostEstimate, DataPaths, Recipe, Store
from suite.artifacts.resources import ResourceRequest
from suite.classifiers.network import TrainedNetwork
from suite.classifiers.plugins.resnet18 import ResNet18Settings
from suite.compute import Compute
from suite.engines.build import build, build_all
from suite.generators.sd.pipelines import HubPipeline
from suite.generators.sd.recipes import SampleTextToImage
from suite.generators.sd.settings import TextToImageSampling
from suite.planning.cost_estimates import ASSUMED, MIN_SECONDS, RECORDED, SMALL, SPEEDS, UNKNOWN, Estimator


class DeviceStep(Number):
    """A recipe with a given cost that is built on the device."""

    step = "test-counted"
    resources = ResourceRequest(gpus=1)

    operations: float | None
    payload: int = 0
    memory: int = 0

    @property
    def cost(self) -> CostEstimate:
        return CostEstimate(operations=self.operations, payload=self.payload, memory=self.memory)


class HostStep(DeviceStep):
    """A recipe with a given cost that is built on the CPU only."""

    step = "test-on-host"
    resources = ResourceRequest()


@pytest.fixture
def estimator(store: Store) -> Callable[..., Estimator]:
    return lambda device="cpu": Estimator(store, DataPaths(), device)


def add_artifact(store: Store, recipe: Recipe, seconds: float, device: str = "cpu") -> None:
    """Add a recipe's artifact to the store with a recorded build time."""
    with store.lock(recipe.key):
        store.workspace(recipe.key)
        run = {"step": recipe.step, "seconds": seconds, "operations": recipe.cost.operations, "device": device}
        store.publish(recipe, run)


def test_empty_store_gives_operations_at_the_assumed_speed(estimator: Callable[..., Estimator]) -> None:
    recipe = DeviceStep(operations=8e12)
    assert estimator().seconds(recipe) == (8e12 / SPEEDS["cpu", "float32"], ASSUMED)
    assert estimator("cuda").seconds(recipe) == (8e12 / SPEEDS["cuda", "float32"], ASSUMED)
    assert estimator("cuda").seconds(HostStep(operations=8e12)) == estimator().seconds(recipe)


def test_precision_and_threads_change_the_assumed_speed(estimator: Callable[..., Estimator]) -> None:
    def training(**compute: object) -> TrainedNetwork:
        return resnet18(
            training_set=Painted(per_class=(900, 900), size=32),
            classes=2,
            settings=ResNet18Settings(width=64),
            seed=0,
            compute=Compute.model_validate(compute),
        )

    one_thread = estimator().seconds(training())[0]
    assert estimator().seconds(training(threads=2))[0] == pytest.approx(one_thread / 2)
    fast = [estimator("cuda").seconds(training(precision=name))[0] for name in ("float32", "bfloat16")]
    assert fast[0] / fast[1] == pytest.approx(SPEEDS["cuda", "bfloat16"] / SPEEDS["cuda", "float32"])


def test_recorded_times_are_preferred_and_scaled_by_operations(
    store: Store, estimator: Callable[..., Estimator]
) -> None:
    add_artifact(store, DeviceStep(operations=1e9, value=1), 10)
    add_artifact(store, DeviceStep(operations=3e9, value=2), 20)
    add_artifact(store, DeviceStep(operations=None, value=3), 1000)
    assert estimator().seconds(DeviceStep(operations=2e9)) == (pytest.approx(2 * 30 / 4), RECORDED)
    assert estimator("cuda").seconds(DeviceStep(operations=2e13))[1] == ASSUMED, "recorded on another kind of device"


@pytest.mark.parametrize("device", ["cuda:1 (A GPU)", "cuda (A GPU)"])
def test_recorded_times_are_used_for_the_same_kind_of_device(
    store: Store, estimator: Callable[..., Estimator], device: str
) -> None:
    add_artifact(store, DeviceStep(operations=1e9), 10, device)
    add_artifact(store, HostStep(operations=1e9), 10)
    assert estimator("cuda").seconds(DeviceStep(operations=2e9)) == (20, RECORDED)
    assert estimator("cuda").seconds(HostStep(operations=2e9)) == (20, RECORDED)


def test_step_without_operations_takes_the_mean_recorded_time(
    store: Store, estimator: Callable[..., Estimator]
) -> None:
    assert estimator().seconds(Number()) == (MIN_SECONDS, SMALL)
    assert estimator().seconds(DeviceStep(operations=None)) == (0.0, UNKNOWN)
    add_artifact(store, Number(value=1), 4)
    add_artifact(store, Number(value=2), 8)
    assert estimator().seconds(Number()) == (6, RECORDED)


def test_build_records_the_time_that_the_next_estimate_uses(store: Store, estimator: Callable[..., Estimator]) -> None:
    recipe = DeviceStep(operations=5e9)
    artifact = build(store, recipe)
    assert artifact is not None
    assert (artifact.run["step"], artifact.run["operations"]) == ("test-counted", 5e9)
    assert estimator().seconds(recipe)[1] == RECORDED


def test_artifacts_of_an_older_version_are_ignored(store: Store, estimator: Callable[..., Estimator]) -> None:
    with store.lock(Number().key):
        store.workspace(Number().key)
        store.publish(Number(), {"label": "number", "seconds": 3.0})
    assert estimator().seconds(Number(value=1)) == (MIN_SECONDS, SMALL)


def test_total_has_the_largest_memory_and_each_download_once(estimator: Callable[..., Estimator]) -> None:
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
        DeviceStep(operations=0.0, payload=7, memory=5),
        DeviceStep(operations=None, payload=8, memory=50),
        hub,
        hub.model_copy(update={"seed": 1}),
    ]
    estimate = estimator().estimate(recipes)
    assert estimate.payload == 15 + 2 * 5 * (4 * 4 * 3 + 8)
    assert (estimate.memory, estimate.largest) == (50, "test-counted")
    assert estimate.seconds == MIN_SECONDS
    assert estimate.bases == {SMALL: {"test-counted"}, UNKNOWN: {"test-counted", "text-to-image-samples"}}
    downloads = [(download.what, download.size) for download in estimate.downloads.values()]
    assert downloads == [("someone/something at 00000000", None)]


def test_estimated_payload_is_close_to_the_built_one(store: Store) -> None:
    images = Painted(per_class=(3, 4), size=8)
    settings = ResNet18Settings(width=4, epochs=1)
    trained = resnet18(training_set=images, classes=2, settings=settings, seed=0, compute=Compute())
    for artifact, recipe in zip(build_all(store, [images, trained]), (images, trained), strict=True):
        payload = artifact.bytes
        overhead = payload - recipe.cost.payload
        assert 0 <= overhead < 0.3 * payload + 20_000, recipe.label
    assert images.cost.payload == 7 * (8 * 8 * 3 + 8)

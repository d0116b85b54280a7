from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from suite.artifacts import DataPaths
from suite.compute import Compute
from suite.errors import Unavailable, UsageError
from suite.generators.generator import Request, generators
from suite.generators.sd.generator import TextToImage
from suite.generators.sd.pipelines import HubPipeline, LocalPipeline
from suite.generators.sd.recipes import SampleTextToImage
from suite.generators.sd.settings import ResolvedSettings
from suite.generators.sd.tiny.recipes import TrainTinyPipeline
from suite.generators.sd.tiny.settings import TinyTraining
from suite.testing import GeneratorContract

MakeRequest = Callable[..., Request]
STAGE = {"steps": 2, "batch_size": 4, "learning_rate": 1e-3}
TRAINING = {"glyphs": 40, "text_encoder": STAGE, "autoencoder": STAGE, "denoiser": STAGE}
COMMIT = "0123456789abcdef" * 2 + "01234567"


@pytest.fixture
def data_paths(tmp_path: Path) -> DataPaths:
    return DataPaths(cache=tmp_path / "cache")


@pytest.fixture
def sd() -> TextToImage:
    plugin = generators.get("sd")
    assert isinstance(plugin, TextToImage)
    return plugin


@pytest.fixture
def plan(sd: TextToImage, data_paths: DataPaths) -> Callable[..., SampleTextToImage]:
    """Return a function that plans the images of a request: ``plan(request, {"steps": 3}, model="tiny")``."""

    def make(request: Request, sampling: dict[str, Any] | None = None, **values: Any) -> SampleTextToImage:
        return sd.synthetic(request, sd.configure({"sampling": sampling or {}, **values}, data_paths))

    return make


Plan = Callable[..., SampleTextToImage]


class TestContract(GeneratorContract):
    plugin = TextToImage
    settings = {"training": TRAINING, "sampling": {"steps": 2, "guidance": 2.0, "batch_size": 4}}


def test_the_tiny_pipeline_is_prompted_with_the_class_names(plan: Plan, request_for: MakeRequest) -> None:
    request = request_for(3, 2).model_copy(update={"prompts": ("the digit {}", "a bold {}")})
    recipe = plan(request, {"steps": 2, "guidance": 2.0, "batch_size": 4}, training=TRAINING)
    assert recipe.prompts == (("the digit zero", "a bold zero"), ("the digit one", "a bold one"))
    assert recipe.dependencies == (recipe.pipeline,)
    assert recipe.pipeline.dependencies == ()


def test_the_pipeline_does_not_depend_on_dataset_seed_or_sampling_settings(
    plan: Plan, request_for: MakeRequest
) -> None:
    default = plan(request_for(2, 2))
    request = request_for(2, 2)
    for other in (
        plan(request, {"steps": 3}),
        plan(request, {"guidance": 2.0}),
        plan(request, {"scheduler": "ddim"}),
        plan(request, {"negative_prompt": "a bold one"}),
        plan(request, {"size": 24}),
        plan(request, {"batch_size": 5}),
        plan(request_for(9, 3, 1)),
        plan(request_for(2, 2, seed=1)),
        plan(request.model_copy(update={"dataset": "others", "classes": ("cat", "dog"), "size": 32})),
        plan(request.model_copy(update={"prompts": ("a photo of the digit {}",)})),
        plan(request.model_copy(update={"compute": Compute(precision="bfloat16", memory_format="channels_last")})),
    ):
        assert other.pipeline == default.pipeline
        assert other.key != default.key
    for changed_request, training in (
        (request, {"glyphs": 7000}),
        (request, {"ema": 0.9}),
        (request, {"denoiser": STAGE}),
        (request.model_copy(update={"compute": Compute(threads=2)}), {}),
    ):
        trained = plan(changed_request, training=training).pipeline
        assert isinstance(trained, TrainTinyPipeline)
        assert isinstance(default.pipeline, TrainTinyPipeline)
        assert trained.key != default.pipeline.key


def test_a_step_limit_applies_to_training_and_sampling(sd: TextToImage, data_paths: DataPaths) -> None:
    limited = sd.configure({}, data_paths).limited(2)
    assert isinstance(limited, ResolvedSettings)
    assert limited.training is not None
    stages = (limited.training.text_encoder, limited.training.autoencoder, limited.training.denoiser)
    assert [stage.steps for stage in stages] == [2, 2, 2]
    assert limited.sampling.steps == 2
    assert limited.training.glyphs == TinyTraining().glyphs


def test_a_hub_model_is_identified_by_its_commit(sd: TextToImage, request_for: MakeRequest, tmp_path: Path) -> None:
    data_paths = DataPaths(cache=tmp_path, download=True)
    settings = sd.configure({"model": "someone/something", "revision": COMMIT}, data_paths)
    recipe = sd.synthetic(request_for(2, 2), settings)
    assert recipe.pipeline == HubPipeline(id="someone/something", revision=COMMIT)
    assert recipe.dependencies == ()
    other = sd.configure({"model": "someone/something", "revision": COMMIT[::-1]}, data_paths)
    assert sd.synthetic(request_for(2, 2), other).key != recipe.key


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"model": "someone/something"},
            "something' is not a local directory, and a model on the hub must be pinned: set revision",
        ),
        ({"model": "someone/something", "revision": "main"}, "must be pinned: set revision to a commit"),
        ({"revision": COMMIT}, "revision is for models on the hub only, and 'tiny' is not one"),
        (
            {"model": "a/b", "revision": COMMIT, "training": {}},
            "training is for model 'tiny' only: 'a/b' is already trained",
        ),
        ({"sampling": {"size": 20}}, "setting sampling.size: .*multiple of 8"),
        ({"sampling": {"guidance": -1}}, "setting sampling.guidance: "),
        ({"sampling": {"scheduler": "euler"}}, "setting sampling.scheduler: "),
        ({"source": "0" * 16}, "setting source: Extra inputs are not permitted"),
    ],
)
def test_invalid_settings_are_refused(
    sd: TextToImage, data_paths: DataPaths, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        sd.configure(values, data_paths)


def test_a_missing_model_gives_a_one_line_error(
    sd: TextToImage, data_paths: DataPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(Unavailable, match="someone/something at 01234567 is not on this machine: allow --download"):
        sd.configure({"model": "someone/something", "revision": COMMIT}, data_paths)
    with pytest.raises(Unavailable, match="missing is not a directory: check the path"):
        sd.configure({"model": str(tmp_path / "missing")}, data_paths)


def test_the_training_data_depend_on_the_pipeline(sd: TextToImage, tmp_path: Path) -> None:
    data_paths = DataPaths(cache=tmp_path, download=True)
    assert sd.training_data(sd.configure({}, data_paths)) == "another domain"
    assert sd.training_data(sd.configure({"model": "someone/something", "revision": COMMIT}, data_paths)) == "the web"
    found = sd.configure({}, data_paths).model_copy(update={"source": LocalPipeline(content="0" * 32)})
    assert sd.training_data(found) == "unknown"

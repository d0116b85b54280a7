import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from diffusers import DDIMPipeline, DDIMScheduler, FlowMatchEulerDiscreteScheduler, UNet2DModel

from suite.artifacts import BuildContext, DataPaths, Store
from suite.compute import Compute
from suite.engines.build import build, build_all
from suite.errors import BadData, SuiteError, Unavailable, UsageError
from suite.generators.sd.pipelines import HubPipeline, LocalPipeline
from suite.generators.sd.recipes import SampleTextToImage

if TYPE_CHECKING:
    from conftest import Hub

Plan = Callable[..., SampleTextToImage]


@pytest.fixture
def data_paths(tmp_path: Path) -> DataPaths:
    return DataPaths(cache=tmp_path / "cache")


@pytest.fixture
def local_pipeline(pipeline_directory: Path, tmp_path: Path, data_paths: DataPaths) -> Callable[..., LocalPipeline]:
    """Return a function that copies the tiny pipeline, changes the copy and locates it."""

    def make(change: Callable[[Path], object] = Path.exists) -> LocalPipeline:
        directory = tmp_path / "changed"
        shutil.copytree(pipeline_directory, directory)
        change(directory)
        return LocalPipeline.locate(directory, data_paths)

    return make


def context_for(store: Store, recipe: SampleTextToImage, data_paths: DataPaths) -> BuildContext:
    return BuildContext(store, recipe, device="cpu", data_paths=data_paths)


def test_a_local_copy_of_a_pipeline_generates_the_same_images(
    trained_store: Store, samples: Plan, local_pipeline: Callable[..., LocalPipeline], data_paths: DataPaths
) -> None:
    trained, copied = samples(2, 1), samples(2, 1, pipeline=local_pipeline())
    assert trained.key != copied.key
    build(trained_store, trained)
    build(trained_store, copied, data_paths=data_paths)
    assert np.array_equal(trained.open(trained_store).images, copied.open(trained_store).images)


def _add_safety_checker(directory: Path) -> None:
    index = json.loads((directory / "model_index.json").read_text())
    index["safety_checker"] = ["stable_diffusion", "StableDiffusionSafetyChecker"]
    index["feature_extractor"] = ["transformers", "CLIPImageProcessor"]
    index["requires_safety_checker"] = True
    (directory / "model_index.json").write_text(json.dumps(index))


def test_safety_checkers_are_not_loaded(
    store: Store, samples: Plan, local_pipeline: Callable[..., LocalPipeline], data_paths: DataPaths
) -> None:
    recipe = samples(1, pipeline=local_pipeline(_add_safety_checker))
    pipeline = recipe.load_pipeline(context_for(store, recipe, data_paths))
    assert pipeline.safety_checker is None
    assert pipeline.feature_extractor is None


def _make_unconditional(directory: Path) -> None:
    shutil.rmtree(directory)
    network = UNet2DModel(
        sample_size=8,
        block_out_channels=(8, 8),
        down_block_types=("DownBlock2D",) * 2,
        up_block_types=("UpBlock2D",) * 2,
        norm_num_groups=4,
    )
    DDIMPipeline(network, DDIMScheduler()).save_pretrained(directory)


def _truncate(directory: Path) -> None:
    weights = directory / "vae" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def _remove(name: str) -> Callable[[Path], None]:
    return lambda directory: (directory / name).unlink()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_make_unconditional, "changed is not a text-to-image pipeline but a DDIMPipeline: choose another model"),
        (_truncate, "changed cannot be loaded .*: check that no file is missing"),
        (_remove("unet/diffusion_pytorch_model.safetensors"), "changed cannot be loaded .*diffusion_pytorch_model"),
        (_remove("text_encoder/model.safetensors"), "changed cannot be loaded .*model.safetensors"),
        (_remove("scheduler/scheduler_config.json"), "changed cannot be loaded .*scheduler_config.json"),
    ],
)
def test_a_pipeline_that_cannot_be_loaded_gives_a_one_line_error(
    store: Store,
    samples: Plan,
    local_pipeline: Callable[..., LocalPipeline],
    data_paths: DataPaths,
    change: Callable[[Path], object],
    message: str,
) -> None:
    recipe = samples(1, pipeline=local_pipeline(change))
    with pytest.raises(BadData, match=message) as caught:
        build(store, recipe, data_paths=data_paths)
    assert "\n" not in str(caught.value)
    assert store.find(recipe) is None


def test_the_scheduler_is_replaced_and_keeps_the_settings_of_the_pipeline(trained_store: Store, samples: Plan) -> None:
    class_names = {"default": "DPMSolverMultistepScheduler", "dpm-solver++": "DPMSolverMultistepScheduler"}
    for name in ("default", "dpm-solver++", "ddim"):
        recipe = samples(1, scheduler=name)
        scheduler = recipe.load_pipeline(context_for(trained_store, recipe, DataPaths())).scheduler
        assert type(scheduler).__name__ == class_names.get(name, "DDIMScheduler")
        assert scheduler.config.prediction_type == "v_prediction"
        assert scheduler.config.beta_schedule == "squaredcos_cap_v2"
    assert scheduler.config.clip_sample is False


def _use_flow_matching(directory: Path) -> None:
    FlowMatchEulerDiscreteScheduler().save_pretrained(directory / "scheduler")
    index = json.loads((directory / "model_index.json").read_text())
    index["scheduler"] = ["diffusers", "FlowMatchEulerDiscreteScheduler"]
    (directory / "model_index.json").write_text(json.dumps(index))


def test_an_incompatible_scheduler_is_not_replaced(
    store: Store, samples: Plan, local_pipeline: Callable[..., LocalPipeline], data_paths: DataPaths
) -> None:
    recipe = samples(1, pipeline=local_pipeline(_use_flow_matching), scheduler="ddim")
    with pytest.raises(UsageError, match="FlowMatchEulerDiscreteScheduler, which ddim cannot replace"):
        recipe.load_pipeline(context_for(store, recipe, data_paths))


def test_precision_and_memory_format_are_those_of_the_recipe(trained_store: Store, samples: Plan) -> None:
    compute = Compute(precision="bfloat16", memory_format="channels_last")
    recipe = samples(2, 2, compute=compute)
    pipeline = recipe.load_pipeline(context_for(trained_store, recipe, DataPaths()))
    assert pipeline.unet.dtype == pipeline.vae.dtype == pipeline.text_encoder.dtype == torch.bfloat16
    assert pipeline.unet.mid_block.resnets[0].conv1.weight.is_contiguous(memory_format=torch.channels_last)
    build_all(trained_store, [recipe])
    assert recipe.open(trained_store).counts(2) == (2, 2)


def test_a_downloaded_pipeline_needs_no_network(
    trained_store: Store, samples: Plan, hub: "Hub", hub_pipeline: HubPipeline
) -> None:
    recipe = samples(2, pipeline=hub_pipeline)
    build(trained_store, recipe, data_paths=DataPaths(download=True))
    trained = samples(2)
    build(trained_store, trained)
    assert np.array_equal(recipe.open(trained_store).images, trained.open(trained_store).images)
    assert "vae/diffusion_pytorch_model.safetensors" in hub.served
    hub.error = (500, "")
    trained_store.discard(recipe.key)
    build(trained_store, recipe)


def test_safety_checkers_and_other_weights_are_not_downloaded(
    store: Store,
    samples: Plan,
    hub: "Hub",
    hub_pipeline: HubPipeline,
    pipeline_directory: Path,
    tmp_path: Path,
) -> None:
    hub.directory = Path(shutil.copytree(pipeline_directory, tmp_path / "served"))
    _add_safety_checker(hub.directory)
    (hub.directory / "safety_checker").mkdir()
    (hub.directory / "safety_checker" / "model.safetensors").write_bytes(b"large")
    (hub.directory / "weights.ckpt").write_bytes(b"larger")
    recipe = samples(1, pipeline=hub_pipeline)
    recipe.load_pipeline(context_for(store, recipe, DataPaths(download=True)))
    assert hub.served
    assert not [name for name in hub.served if "safety" in name or "ckpt" in name]


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (
            (403, "GatedRepo"),
            Unavailable,
            "someone/something is gated: accept its terms at https://huggingface.co/some",
        ),
        ((401, "RepoNotFound"), Unavailable, "someone/something is not on the hub, or is private: check the id"),
        (
            (404, "RevisionNotFound"),
            Unavailable,
            "someone/something has no commit c0ffee00: choose a commit from http",
        ),
        (
            (404, "EntryNotFound"),
            BadData,
            "c0ffee00 is not a pipeline that diffusers can load: it has no model_index",
        ),
    ],
)
def test_an_error_of_the_hub_gives_a_one_line_error(
    store: Store,
    samples: Plan,
    hub: "Hub",
    hub_pipeline: HubPipeline,
    error: tuple[int, str],
    kind: type[SuiteError],
    message: str,
) -> None:
    hub.error = error
    recipe = samples(1, pipeline=hub_pipeline)
    with pytest.raises(kind, match=message) as caught:
        build(store, recipe, data_paths=DataPaths(download=True))
    assert "\n" not in str(caught.value)


def test_a_pipeline_with_only_pickled_weights_is_refused(
    store: Store, samples: Plan, hub: "Hub", hub_pipeline: HubPipeline, pipeline_directory: Path, tmp_path: Path
) -> None:
    hub.directory = Path(shutil.copytree(pipeline_directory, tmp_path / "served"))
    for path in list(hub.directory.rglob("*.safetensors")):
        path.rename(path.with_suffix(".bin"))
    recipe = samples(1, pipeline=hub_pipeline)
    with pytest.raises(BadData, match="at c0ffee00 has only pickled weights, which may run code"):
        build(store, recipe, data_paths=DataPaths(download=True))
    assert not [name for name in hub.served if name.endswith(".bin")]


def test_a_missing_network_connection_gives_a_one_line_error(
    store: Store, samples: Plan, hub: "Hub", hub_pipeline: HubPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    hub.server.shutdown()
    hub.server.server_close()
    recipe = samples(1, pipeline=hub_pipeline)
    with pytest.raises(Unavailable, match=r"at c0ffee00 cannot be downloaded .*: check the network") as caught:
        build(store, recipe, data_paths=DataPaths(download=True))
    assert "\n" not in str(caught.value)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(Unavailable, match="HF_HUB_OFFLINE prevents the download"):
        build(store, recipe, data_paths=DataPaths(download=True))


@pytest.mark.usefixtures("hub")
def test_an_incomplete_pipeline_in_the_cache_gives_an_error_with_its_name(
    store: Store, samples: Plan, hub_pipeline: HubPipeline
) -> None:
    from huggingface_hub import hf_hub_download

    hf_hub_download(hub_pipeline.id, "model_index.json", revision=hub_pipeline.revision)
    with pytest.raises(SuiteError, match="someone/something"):
        build(store, samples(1, pipeline=hub_pipeline))

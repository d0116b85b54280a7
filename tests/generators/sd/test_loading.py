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
from suite.generators.sd.loading import load
from suite.generators.sd.pipelines import HubPipeline, LocalPipeline
from suite.generators.sd.recipes import SampleTextToImage

if TYPE_CHECKING:
    from conftest import Hub

Plan = Callable[..., SampleTextToImage]


@pytest.fixture
def data_paths(tmp_path: Path) -> DataPaths:
    return DataPaths(cache=tmp_path / "cache")


@pytest.fixture
def local(pipeline_folder: Path, tmp_path: Path, data_paths: DataPaths) -> Callable[..., LocalPipeline]:
    """Copy the smallest pipeline, change the copy, and find it."""

    def make(change: Callable[[Path], object] = Path.exists) -> LocalPipeline:
        folder = tmp_path / "changed"
        shutil.copytree(pipeline_folder, folder)
        change(folder)
        return LocalPipeline.found(folder, data_paths)

    return make


def bench_for(store: Store, recipe: SampleTextToImage, data_paths: DataPaths) -> BuildContext:
    return BuildContext(store, recipe, device="cpu", data_paths=data_paths)


def test_a_directory_makes_the_images_of_the_pipeline_that_was_saved_into_it(
    trained_store: Store, samples: Plan, local: Callable[..., LocalPipeline], data_paths: DataPaths
) -> None:
    trained, copied = samples(2, 1), samples(2, 1, pipeline=local())
    assert trained.key != copied.key
    build(trained_store, trained)
    build(trained_store, copied, data_paths=data_paths)
    assert np.array_equal(trained.open(trained_store).images, copied.open(trained_store).images)


def _safety_checker(folder: Path) -> None:
    index = json.loads((folder / "model_index.json").read_text())
    index["safety_checker"] = ["stable_diffusion", "StableDiffusionSafetyChecker"]
    index["feature_extractor"] = ["transformers", "CLIPImageProcessor"]
    index["requires_safety_checker"] = True
    (folder / "model_index.json").write_text(json.dumps(index))


def test_safety_checkers_stay_out(
    store: Store, samples: Plan, local: Callable[..., LocalPipeline], data_paths: DataPaths
) -> None:
    recipe = samples(1, pipeline=local(_safety_checker))
    pipeline = load(recipe, bench_for(store, recipe, data_paths))
    assert pipeline.safety_checker is None
    assert pipeline.feature_extractor is None


def _unconditional(folder: Path) -> None:
    shutil.rmtree(folder)
    network = UNet2DModel(
        sample_size=8,
        block_out_channels=(8, 8),
        down_block_types=("DownBlock2D",) * 2,
        up_block_types=("UpBlock2D",) * 2,
        norm_num_groups=4,
    )
    DDIMPipeline(network, DDIMScheduler()).save_pretrained(folder)


def _cut(folder: Path) -> None:
    weights = folder / "vae" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def _without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_unconditional, "changed is no text-to-image pipeline but a DDIMPipeline: choose another"),
        (_cut, "changed cannot be loaded .*: are all of its files there"),
        (_without("unet/diffusion_pytorch_model.safetensors"), "changed cannot be loaded .*diffusion_pytorch_model"),
        (_without("text_encoder/model.safetensors"), "changed cannot be loaded .*model.safetensors"),
        (_without("scheduler/scheduler_config.json"), "changed cannot be loaded .*scheduler_config.json"),
    ],
)
def test_what_cannot_be_loaded_is_one_clear_line(
    store: Store,
    samples: Plan,
    local: Callable[..., LocalPipeline],
    data_paths: DataPaths,
    change: Callable[[Path], object],
    message: str,
) -> None:
    recipe = samples(1, pipeline=local(change))
    with pytest.raises(BadData, match=message) as caught:
        build(store, recipe, data_paths=data_paths)
    assert "\n" not in str(caught.value)
    assert store.find(recipe) is None


def test_the_scheduler_is_exchanged_with_its_settings(trained_store: Store, samples: Plan) -> None:
    classes = {"default": "DPMSolverMultistepScheduler", "dpm-solver++": "DPMSolverMultistepScheduler"}
    for name in ("default", "dpm-solver++", "ddim"):
        recipe = samples(1, scheduler=name)
        scheduler = load(recipe, bench_for(trained_store, recipe, DataPaths())).scheduler
        assert type(scheduler).__name__ == classes.get(name, "DDIMScheduler")
        assert scheduler.config.prediction_type == "v_prediction"
        assert scheduler.config.beta_schedule == "squaredcos_cap_v2"
    assert scheduler.config.clip_sample is False


def _flow(folder: Path) -> None:
    FlowMatchEulerDiscreteScheduler().save_pretrained(folder / "scheduler")
    index = json.loads((folder / "model_index.json").read_text())
    index["scheduler"] = ["diffusers", "FlowMatchEulerDiscreteScheduler"]
    (folder / "model_index.json").write_text(json.dumps(index))


def test_a_scheduler_of_another_kind_is_not_exchanged(
    store: Store, samples: Plan, local: Callable[..., LocalPipeline], data_paths: DataPaths
) -> None:
    recipe = samples(1, pipeline=local(_flow), scheduler="ddim")
    with pytest.raises(UsageError, match="FlowMatchEulerDiscreteScheduler, which ddim cannot replace"):
        load(recipe, bench_for(store, recipe, data_paths))


def test_precision_and_memory_format_are_the_profiles(trained_store: Store, samples: Plan) -> None:
    compute = Compute(precision="bfloat16", memory_format="channels_last")
    recipe = samples(2, 2, compute=compute)
    pipeline = load(recipe, bench_for(trained_store, recipe, DataPaths()))
    assert pipeline.unet.dtype == pipeline.vae.dtype == pipeline.text_encoder.dtype == torch.bfloat16
    assert pipeline.unet.mid_block.resnets[0].conv1.weight.is_contiguous(memory_format=torch.channels_last)
    build_all(trained_store, [recipe])
    assert recipe.open(trained_store).counts(2) == (2, 2)


def test_a_pipeline_is_fetched_once_and_then_needs_no_network(
    trained_store: Store, samples: Plan, hub: "Hub", hub_pipeline: HubPipeline
) -> None:
    recipe = samples(2, pipeline=hub_pipeline)
    build(trained_store, recipe, data_paths=DataPaths(download=True))
    trained = samples(2)
    build(trained_store, trained)
    assert np.array_equal(recipe.open(trained_store).images, trained.open(trained_store).images)
    assert "vae/diffusion_pytorch_model.safetensors" in hub.served
    hub.refusal = (500, "")
    trained_store.discard(recipe.key)
    build(trained_store, recipe)


def test_a_hub_with_a_safety_checker_is_not_asked_for_it(
    store: Store,
    samples: Plan,
    hub: "Hub",
    hub_pipeline: HubPipeline,
    pipeline_folder: Path,
    tmp_path: Path,
) -> None:
    hub.folder = Path(shutil.copytree(pipeline_folder, tmp_path / "served"))
    _safety_checker(hub.folder)
    (hub.folder / "safety_checker").mkdir()
    (hub.folder / "safety_checker" / "model.safetensors").write_bytes(b"large")
    (hub.folder / "weights.ckpt").write_bytes(b"larger")
    recipe = samples(1, pipeline=hub_pipeline)
    load(recipe, bench_for(store, recipe, DataPaths(download=True)))
    assert hub.served
    assert not [name for name in hub.served if "safety" in name or "ckpt" in name]


@pytest.mark.parametrize(
    ("refusal", "kind", "message"),
    [
        (
            (403, "GatedRepo"),
            Unavailable,
            "someone/something is gated: accept its terms at https://huggingface.co/some",
        ),
        ((401, "RepoNotFound"), Unavailable, "someone/something is not on the hub, or is private: check the id"),
        ((404, "RevisionNotFound"), Unavailable, "someone/something has no commit c0ffee00: take one from https://"),
        ((404, "EntryNotFound"), BadData, "at c0ffee00 is no pipeline that diffusers can load: it has no model_index"),
    ],
)
def test_what_the_hub_refuses_is_one_clear_line(
    store: Store,
    samples: Plan,
    hub: "Hub",
    hub_pipeline: HubPipeline,
    refusal: tuple[int, str],
    kind: type[SuiteError],
    message: str,
) -> None:
    hub.refusal = refusal
    recipe = samples(1, pipeline=hub_pipeline)
    with pytest.raises(kind, match=message) as caught:
        build(store, recipe, data_paths=DataPaths(download=True))
    assert "\n" not in str(caught.value)


def test_a_hub_with_pickles_only_is_refused(
    store: Store, samples: Plan, hub: "Hub", hub_pipeline: HubPipeline, pipeline_folder: Path, tmp_path: Path
) -> None:
    hub.folder = Path(shutil.copytree(pipeline_folder, tmp_path / "served"))
    for path in list(hub.folder.rglob("*.safetensors")):
        path.rename(path.with_suffix(".bin"))
    recipe = samples(1, pipeline=hub_pipeline)
    with pytest.raises(BadData, match="at c0ffee00 has only pickled weights, which may run code"):
        build(store, recipe, data_paths=DataPaths(download=True))
    assert not [name for name in hub.served if name.endswith(".bin")]


def test_a_missing_network_is_one_clear_line(
    store: Store, samples: Plan, hub: "Hub", hub_pipeline: HubPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    hub.server.shutdown()
    hub.server.server_close()
    recipe = samples(1, pipeline=hub_pipeline)
    with pytest.raises(Unavailable, match=r"at c0ffee00 cannot be fetched .*: check the network") as caught:
        build(store, recipe, data_paths=DataPaths(download=True))
    assert "\n" not in str(caught.value)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(Unavailable, match="HF_HUB_OFFLINE forbids to fetch it"):
        build(store, recipe, data_paths=DataPaths(download=True))


@pytest.mark.usefixtures("hub")
def test_a_pipeline_that_is_here_in_part_says_so(store: Store, samples: Plan, hub_pipeline: HubPipeline) -> None:
    from huggingface_hub import hf_hub_download

    hf_hub_download(hub_pipeline.id, "model_index.json", revision=hub_pipeline.revision)
    with pytest.raises(SuiteError, match="someone/something"):
        build(store, samples(1, pipeline=hub_pipeline))

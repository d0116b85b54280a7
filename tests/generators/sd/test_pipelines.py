import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from suite.artifacts import DataPaths
from suite.errors import BadData, Unavailable
from suite.generators.sd import pipelines
from suite.generators.sd.pipelines import HubPipeline, LocalPipeline


@pytest.fixture
def data_paths(tmp_path: Path) -> DataPaths:
    return DataPaths(cache=tmp_path / "cache")


@pytest.fixture
def copy(pipeline_directory: Path, tmp_path: Path) -> Path:
    """A copy of the tiny pipeline that a test may change."""
    return Path(shutil.copytree(pipeline_directory, tmp_path / "copy"))


def test_a_local_pipeline_is_identified_by_the_files_that_are_loaded(
    copy: Path, data_paths: DataPaths, tmp_path: Path
) -> None:
    pipeline = LocalPipeline.locate(copy, data_paths)
    assert pipeline.directory(data_paths) == copy
    (copy / "README.md").write_text("about")
    (copy / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"a pickle beside safetensors is never read")
    assert LocalPipeline.locate(copy, data_paths) == pipeline
    moved = tmp_path / "moved"
    copy.rename(moved)
    assert LocalPipeline.locate(moved, data_paths) == pipeline
    assert pipeline.directory(data_paths) == moved


@pytest.mark.parametrize("name", ["unet/config.json", "vae/diffusion_pytorch_model.safetensors", "model_index.json"])
def test_a_change_of_any_loaded_file_changes_the_content_id(copy: Path, data_paths: DataPaths, name: str) -> None:
    pipeline = LocalPipeline.locate(copy, data_paths)
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content + b"\n")
    assert LocalPipeline.locate(copy, data_paths) != pipeline
    with pytest.raises(BadData, match="changed since the work was planned"):
        pipeline.directory(data_paths)


def test_unchanged_files_are_not_hashed_again(
    copy: Path, data_paths: DataPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = LocalPipeline.locate(copy, data_paths)

    def fail(path: Path) -> str:
        raise AssertionError(f"{path} is hashed again")

    monkeypatch.setattr(pipelines, "checksum", fail)
    assert LocalPipeline.locate(copy, data_paths) == pipeline


def test_a_pipeline_that_was_planned_with_another_cache_gives_a_one_line_error(
    copy: Path, data_paths: DataPaths, tmp_path: Path
) -> None:
    pipeline = LocalPipeline.locate(copy, data_paths)
    with pytest.raises(Unavailable, match="was not planned with this cache"):
        pipeline.directory(DataPaths(cache=tmp_path / "another"))
    shutil.rmtree(copy)
    with pytest.raises(BadData, match="copy changed since the work was planned"):
        pipeline.directory(data_paths)


def test_a_directory_without_a_pipeline_is_refused(tmp_path: Path, data_paths: DataPaths) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(
        BadData, match=r"empty is not a pipeline saved by diffusers: it has no readable model_index.json"
    ):
        LocalPipeline.locate(tmp_path / "empty", data_paths)


@pytest.mark.parametrize("index", [[], {}, {"_class_name": ["my_pipeline", "MyPipeline"]}])
def test_a_pipeline_with_custom_code_is_refused(copy: Path, data_paths: DataPaths, index: Any) -> None:
    (copy / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(BadData, match="copy needs custom code, which is never run"):
        LocalPipeline.locate(copy, data_paths)


def test_pickled_weights_are_refused(copy: Path, data_paths: DataPaths) -> None:
    (copy / "unet" / "diffusion_pytorch_model.safetensors").rename(copy / "unet" / "diffusion_pytorch_model.bin")
    with pytest.raises(BadData, match=r"copy has unet/diffusion_pytorch_model.bin but no safetensors, and pickles may"):
        LocalPipeline.locate(copy, data_paths)


def test_a_safety_checker_is_not_part_of_the_content_id(copy: Path, data_paths: DataPaths) -> None:
    index = json.loads((copy / "model_index.json").read_text())
    index["safety_checker"] = ["stable_diffusion", "StableDiffusionSafetyChecker"]
    (copy / "model_index.json").write_text(json.dumps(index))
    pipeline = LocalPipeline.locate(copy, data_paths)
    (copy / "safety_checker").mkdir()
    (copy / "safety_checker" / "pytorch_model.bin").write_bytes(b"pickled")
    assert LocalPipeline.locate(copy, data_paths) == pipeline


def test_a_hub_pipeline_must_be_in_the_cache_unless_downloads_are_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    pipeline = HubPipeline(id="someone/something", revision="ab" * 20)
    with pytest.raises(Unavailable) as caught:
        pipeline.check(DataPaths())
    assert str(caught.value) == (
        "someone/something at abababab is not on this machine: allow --download, "
        f"or fetch it with: hf download someone/something --revision {'ab' * 20}"
    )
    pipeline.check(DataPaths(download=True))
    snapshot = tmp_path / "models--someone--something" / "snapshots" / ("ab" * 20)
    snapshot.mkdir(parents=True)
    (snapshot / "model_index.json").write_text("{}")
    pipeline.check(DataPaths())

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
def copy(pipeline_folder: Path, tmp_path: Path) -> Path:
    """A copy of the smallest pipeline, to be changed."""
    return Path(shutil.copytree(pipeline_folder, tmp_path / "copy"))


def test_a_pipeline_is_known_by_what_it_is_loaded_from(copy: Path, data_paths: DataPaths, tmp_path: Path) -> None:
    found = LocalPipeline.found(copy, data_paths)
    assert found.folder(data_paths) == copy
    (copy / "README.md").write_text("about")
    (copy / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"a pickle beside safetensors is never read")
    assert LocalPipeline.found(copy, data_paths) == found
    moved = tmp_path / "moved"
    copy.rename(moved)
    assert LocalPipeline.found(moved, data_paths) == found
    assert found.folder(data_paths) == moved


@pytest.mark.parametrize("name", ["unet/config.json", "vae/diffusion_pytorch_model.safetensors", "model_index.json"])
def test_every_file_that_is_loaded_counts(copy: Path, data_paths: DataPaths, name: str) -> None:
    found = LocalPipeline.found(copy, data_paths)
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content + b"\n")
    assert LocalPipeline.found(copy, data_paths) != found
    with pytest.raises(BadData, match="changed since the work was planned"):
        found.folder(data_paths)


def test_files_that_did_not_change_are_not_read_again(
    copy: Path, data_paths: DataPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = LocalPipeline.found(copy, data_paths)

    def never(path: Path) -> str:
        raise AssertionError(f"{path} is read again")

    monkeypatch.setattr(pipelines, "checksum", never)
    assert LocalPipeline.found(copy, data_paths) == found


def test_a_pipeline_planned_elsewhere_is_one_clear_line(copy: Path, data_paths: DataPaths, tmp_path: Path) -> None:
    found = LocalPipeline.found(copy, data_paths)
    with pytest.raises(Unavailable, match="was not planned with this cache"):
        found.folder(DataPaths(cache=tmp_path / "another"))
    shutil.rmtree(copy)
    with pytest.raises(BadData, match="copy changed since the work was planned"):
        found.folder(data_paths)


def test_a_directory_that_is_no_pipeline_is_refused(tmp_path: Path, data_paths: DataPaths) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(
        BadData, match=r"empty is no pipeline that diffusers saved: it has no readable model_index.json"
    ):
        LocalPipeline.found(tmp_path / "empty", data_paths)


@pytest.mark.parametrize("index", [[], {}, {"_class_name": ["my_pipeline", "MyPipeline"]}])
def test_code_of_its_own_is_refused(copy: Path, data_paths: DataPaths, index: Any) -> None:
    (copy / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(BadData, match="copy needs code of its own, which is never run"):
        LocalPipeline.found(copy, data_paths)


def test_pickled_weights_are_refused(copy: Path, data_paths: DataPaths) -> None:
    (copy / "unet" / "diffusion_pytorch_model.safetensors").rename(copy / "unet" / "diffusion_pytorch_model.bin")
    with pytest.raises(BadData, match=r"copy has unet/diffusion_pytorch_model.bin but no safetensors, and pickles may"):
        LocalPipeline.found(copy, data_paths)


def test_a_safety_checker_is_no_part_of_it(copy: Path, data_paths: DataPaths) -> None:
    index = json.loads((copy / "model_index.json").read_text())
    index["safety_checker"] = ["stable_diffusion", "StableDiffusionSafetyChecker"]
    (copy / "model_index.json").write_text(json.dumps(index))
    found = LocalPipeline.found(copy, data_paths)
    (copy / "safety_checker").mkdir()
    (copy / "safety_checker" / "pytorch_model.bin").write_bytes(b"pickled")
    assert LocalPipeline.found(copy, data_paths) == found


def test_a_hub_pipeline_must_be_here_unless_it_may_be_downloaded(
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

"""Published weights are found, downloaded and verified; if they are missing, the error is one line."""

import importlib

import pytest

from suite.artifacts import DataPaths
from suite.errors import BadData, Unavailable, UsageError
from suite.metrics.extractors.extractor import extractors
from suite.metrics.extractors.weights import WeightFile

DOWNLOADED = ("clip", "dinov2", "inception-v3-compat")


def weights(name) -> WeightFile:
    return importlib.import_module(type(extractors.get(name)).__module__).WEIGHTS


@pytest.mark.parametrize("name", DOWNLOADED)
def test_the_error_for_missing_weights_names_both_remedies_in_one_line(name, tmp_path):
    with pytest.raises(Unavailable) as error:
        extractors.get(name).check(DataPaths(cache=tmp_path))
    assert "--download" in str(error.value)
    assert weights(name).variable in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", DOWNLOADED)
def test_missing_weights_are_accepted_if_downloads_are_allowed(name, tmp_path):
    extractors.get(name).check(DataPaths(cache=tmp_path, download=True))


@pytest.mark.parametrize("folder", ["downloads", "torch/hub/checkpoints"])
@pytest.mark.parametrize("name", DOWNLOADED)
def test_weights_are_found_in_the_cache_and_in_torch_hub(name, folder, tmp_path):
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / weights(name).name).write_bytes(b"")
    extractors.get(name).check(DataPaths(cache=tmp_path / "downloads"))


@pytest.mark.parametrize("name", DOWNLOADED)
def test_other_weights_are_refused(name, monkeypatch, tmp_path):
    """For example torchvision's Inception, with which the distance is not FID."""
    (tmp_path / "other.pth").write_bytes(b"other weights")
    monkeypatch.setenv(weights(name).variable, str(tmp_path / "other.pth"))
    with pytest.raises(BadData, match=r"other\.pth is not the expected file"):
        extractors.get(name).load(extractors.get(name).side, "cpu", DataPaths())


@pytest.mark.parametrize("name", DOWNLOADED)
def test_the_error_names_a_path_that_does_not_exist(name, monkeypatch, tmp_path):
    monkeypatch.setenv(weights(name).variable, str(tmp_path / "missing.pth"))
    with pytest.raises(Unavailable, match=r"missing\.pth cannot be read"):
        extractors.get(name).load(extractors.get(name).side, "cpu", DataPaths())


@pytest.mark.parametrize("name", DOWNLOADED)
def test_another_input_size_is_refused(name):
    with pytest.raises(UsageError, match=f"{extractors.get(name).side} pixels, not 64"):
        extractors.get(name).load(64, "cpu", DataPaths())


def test_downloaded_bytes_are_verified_and_kept(tmp_path):
    import hashlib

    (tmp_path / "remote.bin").write_bytes(b"weights")
    url = (tmp_path / "remote.bin").as_uri()
    weight_file = WeightFile("local.bin", url, hashlib.sha256(b"weights").hexdigest(), "SUITE_NO_WEIGHTS")
    data_paths = DataPaths(cache=tmp_path / "downloads", download=True)
    assert weight_file.fetch(data_paths).read_bytes() == b"weights"
    (tmp_path / "remote.bin").unlink()
    assert weight_file.fetch(data_paths) == tmp_path / "downloads" / "local.bin"


def test_a_download_with_another_checksum_is_refused_and_deleted(tmp_path):
    (tmp_path / "remote.bin").write_bytes(b"a login page")
    weight_file = WeightFile("local.bin", (tmp_path / "remote.bin").as_uri(), "0" * 64, "SUITE_NO_WEIGHTS")
    with pytest.raises(Unavailable, match="cannot be downloaded"):
        weight_file.fetch(DataPaths(cache=tmp_path, download=True))
    assert not (tmp_path / "local.bin").exists()

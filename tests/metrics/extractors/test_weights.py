"""Published weights: found, fetched, verified, or missed in one line."""

import importlib

import pytest

from suite.artifacts import DataPaths
from suite.errors import BadData, Unavailable, UsageError
from suite.metrics.extractors.extractor import extractors
from suite.metrics.extractors.weights import WeightFile

FETCHED = ("clip", "dinov2", "inception-v3-compat")


def weights(name) -> WeightFile:
    return importlib.import_module(type(extractors.get(name)).__module__).WEIGHTS


@pytest.mark.parametrize("name", FETCHED)
def test_missing_weights_are_one_line_with_both_ways_out(name, tmp_path):
    with pytest.raises(Unavailable) as error:
        extractors.get(name).check(DataPaths(cache=tmp_path))
    assert "--download" in str(error.value)
    assert weights(name).variable in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", FETCHED)
def test_weights_may_still_come_when_downloads_are_allowed(name, tmp_path):
    extractors.get(name).check(DataPaths(cache=tmp_path, download=True))


@pytest.mark.parametrize("folder", ["downloads", "torch/hub/checkpoints"])
@pytest.mark.parametrize("name", FETCHED)
def test_weights_are_found_where_programs_leave_them(name, folder, tmp_path):
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / weights(name).name).write_bytes(b"")
    extractors.get(name).check(DataPaths(cache=tmp_path / "downloads"))


@pytest.mark.parametrize("name", FETCHED)
def test_other_weights_are_refused(name, monkeypatch, tmp_path):
    """Such as torchvision's Inception, whose distances are not FID."""
    (tmp_path / "other.pth").write_bytes(b"other weights")
    monkeypatch.setenv(weights(name).variable, str(tmp_path / "other.pth"))
    with pytest.raises(BadData, match=r"other\.pth is not the file it should be"):
        extractors.get(name).load(extractors.get(name).side, "cpu", DataPaths())


@pytest.mark.parametrize("name", FETCHED)
def test_a_path_that_leads_nowhere_is_named(name, monkeypatch, tmp_path):
    monkeypatch.setenv(weights(name).variable, str(tmp_path / "nowhere.pth"))
    with pytest.raises(Unavailable, match=r"nowhere\.pth cannot be read"):
        extractors.get(name).load(extractors.get(name).side, "cpu", DataPaths())


@pytest.mark.parametrize("name", FETCHED)
def test_another_side_is_refused(name):
    with pytest.raises(UsageError, match=f"{extractors.get(name).side} pixels, not 64"):
        extractors.get(name).load(64, "cpu", DataPaths())


def test_downloaded_bytes_are_verified_and_kept(tmp_path):
    import hashlib

    (tmp_path / "there.bin").write_bytes(b"weights")
    url = (tmp_path / "there.bin").as_uri()
    right = WeightFile("here.bin", url, hashlib.sha256(b"weights").hexdigest(), "SUITE_NO_WEIGHTS")
    data_paths = DataPaths(cache=tmp_path / "downloads", download=True)
    assert right.fetch(data_paths).read_bytes() == b"weights"
    (tmp_path / "there.bin").unlink()
    assert right.fetch(data_paths) == tmp_path / "downloads" / "here.bin"


def test_a_download_that_is_something_else_is_refused_and_not_kept(tmp_path):
    (tmp_path / "there.bin").write_bytes(b"a login page")
    wrong = WeightFile("here.bin", (tmp_path / "there.bin").as_uri(), "0" * 64, "SUITE_NO_WEIGHTS")
    with pytest.raises(Unavailable, match="cannot be downloaded"):
        wrong.fetch(DataPaths(cache=tmp_path, download=True))
    assert not (tmp_path / "here.bin").exists()

"""Dry runs: plans of datasets and pipelines that are not on this machine."""

from pathlib import Path

import pytest

from suite.artifacts import DataPaths
from suite.datasets.dataset import datasets
from suite.datasets.statistics import committed_statistics
from suite.errors import Unavailable, UsageError
from suite.planning.case import Case, DiscriminatorCase, Mode, cases_of
from suite.planning.dry_run import DryRunPlanner
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile


@pytest.fixture
def planner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DryRunPlanner:
    """A dry-run planner of profile paper, without data and with an empty Hugging Face cache."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("suite.datasets.fashion_mnist.DEBIAN", tmp_path / "debian")
    data_paths = DataPaths(cache=tmp_path / "cache", download=True)
    return DryRunPlanner(load_profile("paper"), data_paths, tmp_path / "memo")


@pytest.mark.parametrize("dataset", ["cifar10", "imagenette", "melanoma", "fashion-mnist", "imagenette64"])
def test_absent_datasets_are_planned_without_a_download(planner: DryRunPlanner, dataset: str, tmp_path: Path) -> None:
    for case in cases_of(dataset, ("sd", "cd", "biggan")):
        assert planner.case(case).targets
    assert planner.discriminator(DiscriminatorCase(dataset, "sd")).targets
    assert f"{dataset} is not on this machine" in str(planner.absent[dataset])
    assert planner.locate(dataset).where == "not on this machine"
    assert not (tmp_path / "cache").exists()


def test_keys_are_those_of_the_committed_content(planner: DryRunPlanner) -> None:
    statistics = committed_statistics("cifar10")
    assert statistics is not None
    real = planner.case(Case(dataset="cifar10", mode=Mode.ORG)).real
    assert real.images.content == statistics.content
    assert sum(real.counts) == 49_000, "2 % of the train split are for validation"


def test_downloads_have_their_size(planner: DryRunPlanner) -> None:
    for dataset in ("cifar10", "imagenette", "melanoma"):
        planner.locate(dataset)
    assert [download.what for download in planner.downloads("cifar10")] == ["cifar10"]
    assert [download.size for download in planner.downloads("imagenette")] == [99_000_000]
    assert planner.downloads("melanoma") == (), "the suite does not download it"
    assert planner.downloads("digits") == ()


def test_datasets_that_share_statistics_have_the_same_images() -> None:
    shared = {name: datasets.get(name).statistics_of for name in datasets if datasets.get(name).statistics_of}
    assert shared == {"imagenette": "imagenette64"}
    statistics = committed_statistics("imagenette64")
    assert statistics is not None
    assert (sum(statistics.train), sum(statistics.test)) == (9_469, 3_925), "the published numbers of Imagenette"


def test_present_dataset_has_the_same_plan_as_in_a_run(planner: DryRunPlanner, tmp_path: Path) -> None:
    case = Case(dataset="digits", generator="cd", mode=Mode.MIX)
    plan = Planner(load_profile("paper"), DataPaths(cache=tmp_path), tmp_path / "memo").case(case)
    assert {images.key for images in plan.synthetic} == {images.key for images in planner.case(case).synthetic}
    assert planner.absent == {}


def test_unknown_dataset_is_a_usage_error(planner: DryRunPlanner) -> None:
    with pytest.raises(UsageError, match="unknown dataset 'phantom'"):
        planner.locate("phantom")


def test_absent_dataset_without_statistics_is_unavailable(
    planner: DryRunPlanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("suite.planning.dry_run.committed_statistics", lambda name: None)  # noqa: ARG005
    with pytest.raises(Unavailable, match="cifar10 is not on this machine: run with --download"):
        planner.locate("cifar10")

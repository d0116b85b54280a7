"""Plans of what is not here yet."""

from pathlib import Path

import pytest

from suite.artifacts import DataPaths
from suite.datasets.dataset import datasets
from suite.datasets.statistics import committed
from suite.errors import Unavailable, UsageError
from suite.planning.case import Case, DiscriminatorCase, Mode, cases_of
from suite.planning.dry_run import DryRunPlanner
from suite.planning.planner import Planner
from suite.planning.profiles import load_profile


@pytest.fixture
def ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DryRunPlanner:
    """A planner of the paper's profile on a machine without data and without a hub's cache."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("suite.datasets.fashion_mnist.DEBIAN", tmp_path / "debian")
    data_paths = DataPaths(cache=tmp_path / "cache", download=True)
    return DryRunPlanner(load_profile("paper"), data_paths, tmp_path / "memo")


@pytest.mark.parametrize("dataset", ["cifar10", "imagenette", "melanoma", "fashion-mnist", "imagenette64"])
def test_every_row_can_be_planned_without_its_data_and_fetches_none(
    ahead: DryRunPlanner, dataset: str, tmp_path: Path
) -> None:
    for case in cases_of(dataset, ("sd", "cd", "biggan")):
        assert ahead.case(case).targets
    assert ahead.discriminator(DiscriminatorCase(dataset, "sd")).targets
    assert f"{dataset} is not on this machine" in str(ahead.absent[dataset])
    assert ahead.locate(dataset).where == "not on this machine"
    assert not (tmp_path / "cache").exists()


def test_the_keys_are_those_that_the_data_will_have(ahead: DryRunPlanner) -> None:
    known = committed("cifar10")
    assert known is not None
    real = ahead.case(Case(dataset="cifar10", mode=Mode.ORG)).real
    assert real.images.content == known.content
    assert sum(real.counts) == 49_000, "one in fifty is kept for validation"


def test_what_is_fetched_has_its_size(ahead: DryRunPlanner) -> None:
    for dataset in ("cifar10", "imagenette", "melanoma"):
        ahead.locate(dataset)
    assert [one.what for one in ahead.downloads("cifar10")] == ["cifar10"]
    assert [one.size for one in ahead.downloads("imagenette")] == [99_000_000]
    assert ahead.downloads("melanoma") == (), "nobody may fetch it for the user"
    assert ahead.downloads("digits") == ()


def test_counts_taken_from_another_dataset_belong_to_the_same_images() -> None:
    borrowed = {name: datasets.get(name).counted_as for name in datasets if datasets.get(name).counted_as}
    assert borrowed == {"imagenette": "imagenette64"}
    known = committed("imagenette64")
    assert known is not None
    assert (sum(known.train), sum(known.test)) == (9_469, 3_925), "the published numbers of Imagenette"


def test_what_is_here_is_planned_as_ever(ahead: DryRunPlanner, tmp_path: Path) -> None:
    case = Case(dataset="digits", generator="cd", mode=Mode.MIX)
    usual = Planner(load_profile("paper"), DataPaths(cache=tmp_path), tmp_path / "memo").case(case)
    assert {one.key for one in usual.synthetic} == {one.key for one in ahead.case(case).synthetic}
    assert ahead.absent == {}


def test_a_dataset_that_nobody_knows_is_none(ahead: DryRunPlanner) -> None:
    with pytest.raises(UsageError, match="unknown dataset 'phantom'"):
        ahead.locate("phantom")


def test_without_statistics_there_is_no_plan(ahead: DryRunPlanner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suite.planning.dry_run.committed", lambda name: None)  # noqa: ARG005
    with pytest.raises(Unavailable, match="cifar10 is not on this machine: run with --download"):
        ahead.locate("cifar10")

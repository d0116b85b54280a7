"""--plan: print what would be done, and do nothing."""

import re

import pytest
from plugin_project import Project


def test_never_unless_it_is_said(project: Project) -> None:
    assert project.settings().plan is False
    assert project.settings("--plan").plan is True


@pytest.fixture
def planned(project: Project) -> pytest.RunResult:
    """The plan of two cells of digits."""
    return project.run("-k", "digits-org or digits-cd-syn", "--plan", "--seeds", "1")


def test_every_recipe_is_listed_under_its_case_once_to_build_and_then_shared(planned: pytest.RunResult) -> None:
    assert planned.ret == 0
    lines = planned.outlines
    org, syn = lines.index("digits-org"), lines.index("digits-cd-syn")
    recipes = [line.split(maxsplit=3) for line in lines if line.startswith(("  to build", "  shared", "  cached"))]
    assert org < syn
    assert {words[0] for words in recipes} <= {"to", "shared"}
    of_org = [line for line in lines[org:syn] if "classifier, seed 0" in line]
    assert len(of_org) == 1
    assert of_org[0].startswith("  to build")
    assert [line for line in lines[syn:] if line.startswith("  shared") and line.split()[1] == of_org[0].split()[2]]


def test_nothing_is_built_and_nothing_reported(project: Project, planned: pytest.RunResult) -> None:
    assert list((project.store / "artifacts").iterdir()) == []
    assert list((project.store / "tmp").iterdir()) == []
    assert not (project.path / "reports").exists()
    assert "Table 1" not in planned.stdout.str()


def test_what_cannot_run_says_why_and_is_planned_all_the_same(project: Project) -> None:
    found = project.run("-k", "melanoma and org", "--plan", "--seeds", "1")
    assert found.ret == 0
    lines = found.outlines
    at = lines.index("melanoma-org")
    assert lines[at + 1].startswith("  cannot run: melanoma is not on this machine: put melanoma.zip")
    assert any(line.startswith("  to build") and line.endswith("classifier, seed 0") for line in lines[at:])


def estimates(found: pytest.RunResult) -> list[str]:
    return [line for line in found.outlines if line.startswith(("  estimate", "All of it"))]


def test_each_cell_and_the_whole_are_estimated_with_the_basis(planned: pytest.RunResult) -> None:
    org, syn, whole = estimates(planned)
    assert org.startswith("  estimate: ")
    assert syn.startswith("  estimate beyond the cells above: ")
    for line in (org, syn, whole):
        assert re.search(r": [\d.]+ (s|min|h), [\d.]+ MiB in the store, [\d.]+ MiB of memory at most \(", line), line
    text = " ".join(planned.stdout.str().split())
    assert "These are estimates. Their basis: - time of " in text
    assert "floating-point operations at 0.04 (float32) or 0.01 (bfloat16) times 10^12 per second on cpu" in text


@pytest.fixture
def bare(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project on a machine that never fetched a pipeline or weights."""
    monkeypatch.delenv("SUITE_INCEPTION_WEIGHTS", raising=False)
    for name in ("HF_HUB_CACHE", "TORCH_HOME"):
        monkeypatch.setenv(name, str(project.path / "nothing"))
    return project


def test_a_plan_may_be_made_for_a_machine_with_a_gpu(bare: Project) -> None:
    found = bare.run("-k", "cifar10-sd-syn", "--plan", "--profile", "paper", "--device", "cuda", "--download")
    assert found.ret == 0
    (cell, _) = estimates(found)
    assert "of GPU memory at most (text-to-image-samples)" in cell
    assert "download of stable-diffusion-v1-5/stable-diffusion-v1-5 at 451f4fe1, 4.0 GiB" in cell
    fetched = [line for line in found.outlines if line.startswith("  to fetch  ")]
    assert [line.split()[2].rstrip(",") for line in fetched] == [
        "stable-diffusion-v1-5/stable-diffusion-v1-5",
        "weights",
        "cifar10",
    ]
    assert not (bare.store / "downloads" / "cifar10").exists(), "a plan fetches nothing"
    assert "cannot run" not in found.stdout.str()


def test_without_leave_to_download_the_cell_says_what_is_missing(bare: Project) -> None:
    found = bare.run("-k", "digits-sd-syn", "--plan", "--profile", "paper", "--seeds", "1")
    assert found.ret == 0
    found.stdout.fnmatch_lines(["  cannot run: stable-diffusion-v1-5/* at 451f4fe1, 4.0 GiB, *: allow --download"])
    found.stdout.fnmatch_lines(["  left out: weights weights-inception-*: allow --download, or get them from *"])


def test_a_cell_that_can_never_run_fails_the_plan(project: Project) -> None:
    (project.path / "cases" / "phantom.toml").write_text('generators = ["cd"]\n', encoding="utf-8")
    found = project.run("-k", "phantom-org or digits-org", "--plan")
    assert found.ret == 1
    found.stdout.fnmatch_lines(["  cannot run: unknown dataset 'phantom': choose from *"])
    found.stdout.fnmatch_lines(["digits-org", "  to build *"])

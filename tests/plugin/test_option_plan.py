"""--plan: a dry run, which prints the plan and builds nothing."""

import re

import pytest
from plugin_project import Project


def test_default_is_no_dry_run(project: Project) -> None:
    assert project.options().dry_run is False
    assert project.options("--plan").dry_run is True


@pytest.fixture
def planned(project: Project) -> pytest.RunResult:
    """The plan of two cells of digits."""
    return project.run("-k", "digits-org or digits-cd-syn", "--plan", "--seeds", "1")


def test_recipe_is_listed_to_build_once_and_shared_afterwards(planned: pytest.RunResult) -> None:
    assert planned.ret == 0
    lines = planned.outlines
    org, syn = lines.index("digits-org"), lines.index("digits-cd-syn")
    recipes = [line.split(maxsplit=3) for line in lines if line.startswith(("  to build", "  shared", "  cached"))]
    assert org < syn
    assert {fields[0] for fields in recipes} <= {"to", "shared"}
    org_classifiers = [line for line in lines[org:syn] if "resnet18, seed 0" in line]
    assert len(org_classifiers) == 1
    assert org_classifiers[0].startswith("  to build")
    assert [
        line for line in lines[syn:] if line.startswith("  shared") and line.split()[1] == org_classifiers[0].split()[2]
    ]


def test_dry_run_builds_and_reports_nothing(project: Project, planned: pytest.RunResult) -> None:
    assert list((project.store / "artifacts").iterdir()) == []
    assert list((project.store / "tmp").iterdir()) == []
    assert not (project.path / "reports").exists()
    assert "Table 1" not in planned.stdout.str()


def test_absent_dataset_is_planned_with_the_reason(project: Project) -> None:
    result = project.run("-k", "melanoma and org", "--plan", "--seeds", "1")
    assert result.ret == 0
    lines = result.outlines
    start = lines.index("melanoma-org")
    assert lines[start + 1].startswith("  cannot run: melanoma is not on this machine: put melanoma.zip")
    assert any(line.startswith("  to build") and line.endswith("resnet18, seed 0") for line in lines[start:])


def estimates(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if line.startswith(("  estimate", "First look"))]


def test_cost_of_each_cell_and_the_total_are_estimated_with_their_basis(planned: pytest.RunResult) -> None:
    org, syn, total = estimates(planned)
    assert org.startswith("  estimate: ")
    assert syn.startswith("  estimate beyond the cells above: ")
    for line in (org, syn, total):
        assert re.search(r": [\d.]+ (s|min|h), [\d.]+ MiB in the store, [\d.]+ MiB of memory at most \(", line), line
    text = " ".join(planned.stdout.str().split())
    assert "These are estimates. Their basis: - time of " in text
    assert "floating-point operations at 0.04 (float32) or 0.01 (bfloat16) times 10^12 per second on cpu" in text


def test_first_look_and_cap_are_priced(project: Project) -> None:
    result = project.run("-k", "digits-org", "--plan", "--seeds", "8")
    seconds = [
        float(line.split(": ")[1].split(" s, ")[0])
        for line in result.outlines
        if line.startswith(("First look at every cell", "At most, if every cell stays undecided"))
    ]
    assert seconds[1] == pytest.approx(seconds[0] * 8 / 5, rel=0.2)
    assert len([line for line in result.outlines if "resnet18, seed" in line]) == 5


@pytest.fixture
def without_downloads(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project on a machine without downloaded pipelines and weights."""
    monkeypatch.delenv("SUITE_INCEPTION_WEIGHTS", raising=False)
    for name in ("HF_HUB_CACHE", "TORCH_HOME"):
        monkeypatch.setenv(name, str(project.path / "nothing"))
    return project


def test_plan_for_a_machine_with_a_gpu(without_downloads: Project) -> None:
    result = without_downloads.run(
        "-k", "cifar10-sd-syn", "--plan", "--profile", "paper", "--device", "cuda", "--download"
    )
    assert result.ret == 0
    (cell, _) = estimates(result)
    assert "of GPU memory at most (text-to-image-samples)" in cell
    assert "download of stable-diffusion-v1-5/stable-diffusion-v1-5 at 451f4fe1, 4.0 GiB" in cell
    downloads = [line for line in result.outlines if line.startswith("  to fetch  ")]
    assert [line.split()[2].rstrip(",") for line in downloads] == [
        "stable-diffusion-v1-5/stable-diffusion-v1-5",
        "weights",
        "cifar10",
    ]
    assert not (without_downloads.store / "downloads" / "cifar10").exists(), "a dry run downloads nothing"
    assert "cannot run" not in result.stdout.str()


def test_plan_without_download_states_what_is_missing(without_downloads: Project) -> None:
    result = without_downloads.run("-k", "digits-sd-syn", "--plan", "--profile", "paper", "--seeds", "1")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["  cannot run: stable-diffusion-v1-5/* at 451f4fe1, 4.0 GiB, *: allow --download"])
    result.stdout.fnmatch_lines(["  left out: weights weights-inception-*: allow --download, or get them from *"])


def test_unknown_dataset_fails_the_plan(project: Project) -> None:
    (project.path / "cases" / "phantom.toml").write_text('generators = ["cd"]\n', encoding="utf-8")
    result = project.run("-k", "phantom-org or digits-org", "--plan")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["  cannot run: unknown dataset 'phantom': choose from *"])
    result.stdout.fnmatch_lines(["digits-org", "  to build *"])

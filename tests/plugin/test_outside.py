"""Plugins of another distribution: the documentation's examples, installed, appear with no change in the suite."""

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plugin_project import ROOT, USAGE_ERROR, Project

EXAMPLES = ROOT / "docs" / "examples"
PAGES = ("dataset", "filter", "generator", "metric")
NAME = "pneumoniamnist"


def entry_points() -> dict[str, dict[str, str]]:
    """Return the entry points that the pages tell an author to declare, by group."""
    found: dict[str, Any] = {}
    for page in PAGES:
        text = (ROOT / "docs" / f"adding-a-{page}.md").read_text("utf-8")
        declared = text.partition("```toml\n")[2].partition("```")[0]
        found |= tomllib.loads(declared)["project"]["entry-points"]
    return found


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A distribution as an installer leaves it: modules, and what the package metadata says of them."""
    site = tmp_path / "site"
    info = site / "examples-1.0.dist-info"
    info.mkdir(parents=True)
    lines = [f"[{group}]\n{name} = {place}" for group, one in entry_points().items() for name, place in one.items()]
    (info / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: examples\nVersion: 1.0\n", encoding="utf-8")
    for name in (NAME, "contrast", "gaussian", "label_agreement"):
        shutil.copy(EXAMPLES / f"{name}.py", site)
    monkeypatch.setenv("PYTHONPATH", str(site), prepend=":")
    return site


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data root with a few X-rays, dark and bright ones."""
    random = np.random.default_rng(0)
    arrays = {}
    for part, count in {"train": 20, "val": 4, "test": 10}.items():
        labels = np.arange(count) % 2
        arrays[f"{part}_images"] = (random.integers(0, 120, (count, 28, 28)) + 100 * labels[:, None, None]).astype("u1")
        arrays[f"{part}_labels"] = labels.reshape(-1, 1).astype("u1")
    (tmp_path / "data" / NAME).mkdir(parents=True)
    np.savez(tmp_path / "data" / NAME / f"{NAME}.npz", **arrays)
    return tmp_path / "data"


def collected(project: Project, *arguments: str) -> list[str]:
    """Return the ids of the cells of Table 1."""
    found = project.run("--collect-only", "-q", *arguments)
    assert found.ret == 0, found.stdout.str()
    return [line.partition("[")[2].rstrip("]") for line in found.outlines if "test_case[" in line]


@pytest.mark.usefixtures("installed")
def test_an_installed_generator_is_a_column_of_every_row(project: Project, data: Path) -> None:
    ids = collected(project, "--data-root", str(data))
    for dataset in ("cifar10", "digits", NAME):
        assert {f"{dataset}-gaussian-syn", f"{dataset}-gaussian-mix"} <= set(ids)
    assert len(ids) == len(set(ids))
    assert [cell for cell in ids if cell.startswith(NAME)] == [
        f"{NAME}-{cell}"
        for cell in ("org", "cd-syn", "cd-mix", "biggan-syn", "biggan-mix", "gaussian-syn", "gaussian-mix")
    ]


@pytest.mark.usefixtures("installed")
def test_an_installed_filter_is_a_variant_of_every_cell_with_a_generator(project: Project) -> None:
    found = project.run("--collect-only", "-q", "--sweep", "filter", "-k", "digits and contrast")
    ids = [line.partition("[")[2].rstrip("]") for line in found.outlines if "test_variant[" in line]
    assert {"digits-cd-syn-filter-contrast", "digits-gaussian-mix-filter-contrast"} <= set(ids)
    assert not [cell for cell in ids if "org" in cell]


@pytest.mark.usefixtures("installed")
def test_a_row_that_names_it_has_it_once(project: Project) -> None:
    (project.path / "cases" / "digits.toml").write_text('generators = ["gaussian", "cd"]\n', encoding="utf-8")
    ids = collected(project, "-k", "digits")
    assert ids == [f"digits-{cell}" for cell in ("org", "gaussian-syn", "gaussian-mix", "cd-syn", "cd-mix")]


@pytest.mark.usefixtures("installed")
def test_a_dataset_given_alone_is_compared_with_the_given_images_only(project: Project, data_root: Path) -> None:
    real = data_root / "photos"
    ids = collected(project, "--real", str(real), "--synthetic", f"mine={real / 'train'}")
    assert ids == ["photos-org", "photos-mine-syn", "photos-mine-mix"]


def test_a_broken_one_is_named_in_one_line(project: Project, installed: Path) -> None:
    (installed / "gaussian.py").write_text("import nothing_of_this_name\n", encoding="utf-8")
    found = project.run("--collect-only")
    assert found.ret == USAGE_ERROR
    assert [line for line in found.errlines if line.startswith("ERROR")] == [
        "ERROR: generator 'gaussian' from gaussian:Gaussian cannot be loaded (No module named 'nothing_of_this_name')"
    ]


@pytest.mark.thorough
@pytest.mark.usefixtures("installed")
def test_dataset_generator_and_metric_of_another_distribution_fill_a_cell(project: Project, data: Path) -> None:
    found = project.run("-k", f"{NAME}-gaussian-syn", "--data-root", data, "--seeds", "1", "--limit-steps", "2")
    assert found.ret == 0, found.stdout.str()
    results = json.loads((project.path / "reports" / "smoke" / "results.json").read_text("utf-8"))
    cell = next(one for one in results["cells"] if one["command"].count(f"[{NAME}-gaussian-syn]"))
    assert (cell["status"], len(cell["accuracies"])) == ("done", 1)
    assert any(one["id"].startswith("label-agreement(") for one in cell["measurements"])
    assert any("GAUSSIAN" in line for line in found.outlines)
    found.stdout.fnmatch_lines([f"{NAME}-gaussian-syn *{cell['mean']:.1f}*"])

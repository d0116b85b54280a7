"""Plugins of another distribution: the examples of the documentation are installed and used without changes."""

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
    """Return the entry points that the documentation declares, by group."""
    groups: dict[str, Any] = {}
    for page in PAGES:
        text = (ROOT / "docs" / f"adding-a-{page}.md").read_text("utf-8")
        declared = text.partition("```toml\n")[2].partition("```")[0]
        groups |= tomllib.loads(declared)["project"]["entry-points"]
    return groups


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed distribution: its modules and its metadata with the entry points."""
    site = tmp_path / "site"
    info = site / "examples-1.0.dist-info"
    info.mkdir(parents=True)
    lines = [
        f"[{group}]\n{name} = {target}" for group, names in entry_points().items() for name, target in names.items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: examples\nVersion: 1.0\n", encoding="utf-8")
    for name in (NAME, "contrast", "gaussian", "label_agreement"):
        shutil.copy(EXAMPLES / f"{name}.py", site)
    monkeypatch.setenv("PYTHONPATH", str(site), prepend=":")
    return site


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data root with a few X-rays; one class is dark, the other bright."""
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
    result = project.run("--collect-only", "-q", *arguments)
    assert result.ret == 0, result.stdout.str()
    return [line.partition("[")[2].rstrip("]") for line in result.outlines if "test_case[" in line]


@pytest.mark.usefixtures("installed")
def test_installed_generator_is_a_column_of_every_row(project: Project, data: Path) -> None:
    ids = collected(project, "--data-root", str(data))
    for dataset in ("cifar10", "digits", NAME):
        assert {f"{dataset}-gaussian-syn", f"{dataset}-gaussian-mix"} <= set(ids)
    assert len(ids) == len(set(ids))
    assert [cell for cell in ids if cell.startswith(NAME)] == [
        f"{NAME}-{cell}"
        for cell in ("org", "cd-syn", "cd-mix", "biggan-syn", "biggan-mix", "gaussian-syn", "gaussian-mix")
    ]


@pytest.mark.usefixtures("installed")
def test_installed_filter_is_a_variant_of_every_cell_with_a_generator(project: Project) -> None:
    result = project.run("--collect-only", "-q", "--sweep", "filter", "-k", "digits and contrast")
    ids = [line.partition("[")[2].rstrip("]") for line in result.outlines if "test_variant[" in line]
    assert {"digits-cd-syn-filter-contrast", "digits-gaussian-mix-filter-contrast"} <= set(ids)
    assert not [cell for cell in ids if "org" in cell]


@pytest.mark.usefixtures("installed")
def test_row_that_names_the_generator_has_it_once(project: Project) -> None:
    (project.path / "cases" / "digits.toml").write_text('generators = ["gaussian", "cd"]\n', encoding="utf-8")
    ids = collected(project, "-k", "digits")
    assert ids == [f"digits-{cell}" for cell in ("org", "gaussian-syn", "gaussian-mix", "cd-syn", "cd-mix")]


@pytest.mark.usefixtures("installed")
def test_real_has_only_the_given_synthetic_sets(project: Project, data_root: Path) -> None:
    real = data_root / "photos"
    ids = collected(project, "--real", str(real), "--synthetic", f"mine={real / 'train'}")
    assert ids == ["photos-org", "photos-mine-syn", "photos-mine-mix"]


def test_broken_plugin_is_named_in_one_line(project: Project, installed: Path) -> None:
    (installed / "gaussian.py").write_text("import nothing_of_this_name\n", encoding="utf-8")
    result = project.run("--collect-only")
    assert result.ret == USAGE_ERROR
    assert [line for line in result.errlines if line.startswith("ERROR")] == [
        "ERROR: generator 'gaussian' from gaussian:Gaussian cannot be loaded (No module named 'nothing_of_this_name')"
    ]


@pytest.mark.thorough
@pytest.mark.usefixtures("installed")
def test_installed_dataset_generator_and_metric_are_used_in_a_run(project: Project, data: Path) -> None:
    result = project.run("-k", f"{NAME}-gaussian-syn", "--data-root", data, "--seeds", "1", "--limit-steps", "2")
    assert result.ret == 0, result.stdout.str()
    results = json.loads((project.path / "reports" / "smoke" / "results.json").read_text("utf-8"))
    cell = next(cell for cell in results["cells"] if cell["command"].count(f"[{NAME}-gaussian-syn]"))
    assert (cell["status"], len(cell["accuracies"])) == ("done", 1)
    assert any(measured["id"].startswith("label-agreement(") for measured in cell["measurements"])
    assert any("GAUSSIAN" in line for line in result.outlines)
    result.stdout.fnmatch_lines([f"{NAME}-gaussian-syn *{cell['mean']:.1f}*"])

"""--groups: accuracy by the values of a column of metadata.csv."""

import json
from pathlib import Path

import pytest
from plugin_project import Project


def test_default_is_none_and_the_ini_file_can_set_it(project: Project) -> None:
    assert project.options().overrides.groups is None
    assert project.options("--groups", "site").overrides.groups == "site"
    assert project.options(ini="suite_groups = skin type").overrides.groups == "skin type"


def test_a_column_that_is_not_there_is_an_error_for_ones_own_images(project: Project, data_root: Path) -> None:
    (data_root / "photos" / "metadata.csv").write_text("file,device\ntrain/red/0.png,a\n")
    message = project.usage_error("-k", "photos", "--real", data_root / "photos", "--groups", "site")
    assert message.startswith("--groups site: no such column in metadata.csv: its columns are 'file', 'device'")


@pytest.mark.slow
def test_results_have_the_accuracy_of_every_value(project: Project, data_root: Path) -> None:
    photos = data_root / "photos"
    rows = [
        f"{path.relative_to(photos).as_posix()},{('a', 'b')[number % 2]}"
        for number, path in enumerate(sorted(photos.rglob("*.png")))
    ]
    (photos / "metadata.csv").write_text("\n".join(("file,device", *rows)))
    result = project.run_here("--real", photos, "--groups", "Device", "--device", "cpu")
    assert result.ret == 0
    (results,) = project.path.glob("reports/photos/*/results.json")
    (org,) = [cell for cell in json.loads(results.read_text("utf-8"))["cells"] if cell["mode"] == "org"]
    assert (org["attribute"], [one["name"] for one in org["by_attribute"]]) == ("Device", ["a", "b"])
    assert sum(one["images"] for one in org["by_attribute"]) == sum(org["counts"]["evaluation"])
    assert "--groups Device" in org["command"]

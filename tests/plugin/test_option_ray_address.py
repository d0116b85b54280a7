"""--ray-address: which Ray cluster."""

import pytest
from plugin_project import Project
from ray_cluster import needs_ray


def test_auto_unless_something_else_is_said(project: Project) -> None:
    assert project.settings().ray_address == "auto"
    assert project.settings("--ray-address", "head:6379").ray_address == "head:6379"
    assert project.settings(ini="suite_ray_address = head:6379").ray_address == "head:6379"
    assert project.settings("--ray-address", "auto", ini="suite_ray_address = head:6379").ray_address == "auto"


@needs_ray
def test_a_bad_address_ends_the_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    words = project.refusal("--engine", "ray", "--ray-address", "127.0.0.1:1")
    assert words == "--ray-address 127.0.0.1:1: nothing answers there (Connection refused)"
    words = project.refusal("--engine", "ray", "--ray-address", "ray://head")
    assert words.startswith("--ray-address ray://head: give auto or HOST:PORT")
    assert not (project.path / "reports").exists(), "a run that did not start reports nothing"

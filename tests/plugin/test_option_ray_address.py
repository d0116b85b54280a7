"""--ray-address: address of the Ray cluster."""

import pytest
from plugin_project import Project
from ray_cluster import needs_ray


def test_default_is_auto(project: Project) -> None:
    assert project.options().ray_address == "auto"
    assert project.options("--ray-address", "head:6379").ray_address == "head:6379"
    assert project.options(ini="suite_ray_address = head:6379").ray_address == "head:6379"
    assert project.options("--ray-address", "auto", ini="suite_ray_address = head:6379").ray_address == "auto"


@needs_ray
def test_invalid_address_ends_the_run(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    message = project.usage_error("--engine", "ray", "--ray-address", "127.0.0.1:1")
    assert message == "--ray-address 127.0.0.1:1: nothing answers there (Connection refused)"
    message = project.usage_error("--engine", "ray", "--ray-address", "ray://head")
    assert message.startswith("--ray-address ray://head: give auto or HOST:PORT")
    assert not (project.path / "reports").exists(), "a run that did not start writes no report"

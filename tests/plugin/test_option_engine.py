"""--engine: where missing artifacts are built. What Ray makes is tested with the engine."""

import os
from pathlib import Path

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_local_unless_something_else_is_said(project: Project) -> None:
    assert project.settings().engine == "local"
    assert project.settings("--engine", "ray").engine == "ray"
    assert project.settings(ini="suite_engine = ray").engine == "ray"
    assert project.settings("--engine", "local", ini="suite_engine = ray").engine == "local"


def test_an_unknown_engine_names_the_choices(project: Project) -> None:
    assert project.refusal("--engine", "dask") == "--engine dask: choose from local, ray"


def test_the_device_of_a_cluster_is_not_asked_of_this_machine(project: Project) -> None:
    assert project.settings("--engine", "ray").device == "auto"
    assert project.settings("--engine", "ray", "--device", "cuda").device == "cuda"
    with pytest.raises(UsageError, match="--device mps needs the local engine"):
        project.settings("--engine", "ray", "--device", "mps")


def test_a_profile_is_chosen_for_a_cluster_whose_devices_are_unknown(project: Project, data_root: Path) -> None:
    options = project.settings("--real", str(data_root / "photos"), "--engine", "ray")
    assert (options.profile, options.device) == ("cpu", "auto")
    assert "cpu worker" in options.profile_reason


def test_without_ray_the_extra_is_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = project.path / "broken"
    broken.mkdir()
    (broken / "ray.py").write_text("raise ImportError('no ray here')")
    monkeypatch.setenv("PYTHONPATH", str(broken), prepend=os.pathsep)
    words = project.refusal("--engine", "ray")
    assert words.startswith("--engine ray: Ray is not installed: pip install 'synthetic-data-suite[ray]'")


def test_a_plan_needs_no_cluster(project: Project) -> None:
    found = project.run("-k", "digits and org", "--engine", "ray", "--ray-address", "127.0.0.1:1", "--plan")
    assert found.ret == 0
    assert "digits-org" in found.outlines

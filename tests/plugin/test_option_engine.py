"""--engine: the engine that builds missing artifacts. The Ray engine has its own tests."""

import os
from pathlib import Path

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_default_is_local(project: Project) -> None:
    assert project.options().engine == "local"
    assert project.options("--engine", "ray").engine == "ray"
    assert project.options(ini="suite_engine = ray").engine == "ray"
    assert project.options("--engine", "local", ini="suite_engine = ray").engine == "local"


def test_unknown_engine_lists_the_choices(project: Project) -> None:
    assert project.usage_error("--engine", "dask") == "--engine dask: choose from local, ray"


def test_device_of_a_cluster_need_not_be_on_this_machine(project: Project) -> None:
    assert project.options("--engine", "ray").device == "auto"
    assert project.options("--engine", "ray", "--device", "cuda").device == "cuda"
    with pytest.raises(UsageError, match="--device mps needs the local engine"):
        project.options("--engine", "ray", "--device", "mps")


def test_profile_for_a_cluster_is_chosen_without_a_gpu(project: Project, data_root: Path) -> None:
    options = project.options("--real", str(data_root / "photos"), "--engine", "ray", "--classifier", "resnet18")
    assert (options.profile, options.device) == ("cpu", "auto")
    assert "cpu worker" in options.profile_reason


def test_missing_ray_names_the_extra_to_install(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = project.path / "broken"
    broken.mkdir()
    (broken / "ray.py").write_text("raise ImportError('no ray here')")
    monkeypatch.setenv("PYTHONPATH", str(broken), prepend=os.pathsep)
    message = project.usage_error("--engine", "ray")
    assert message.startswith("--engine ray: Ray is not installed: pip install 'synthetic-data-suite[ray]'")


def test_dry_run_does_not_connect_to_a_cluster(project: Project) -> None:
    result = project.run("-k", "digits and org", "--engine", "ray", "--ray-address", "127.0.0.1:1", "--plan")
    assert result.ret == 0
    assert "digits-org" in result.outlines

"""--keep-test-duplicates: test also on images that are in the train split."""

from plugin_project import Project


def test_default_is_off(project: Project) -> None:
    assert project.options().overrides.keep_duplicates is False
    assert project.options("--keep-test-duplicates").overrides.keep_duplicates is True

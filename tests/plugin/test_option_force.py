"""--force: rebuild artifacts that the store has. The rebuild is tested in test_run.py."""

from plugin_project import Project


def test_default_is_no_rebuild(project: Project) -> None:
    assert project.options().force is False
    assert project.options("--force").force is True


def test_option_has_no_ini_form(project: Project) -> None:
    project.ini("suite_force = true")
    result = project.run("--strict-config", "-k", "digits and org", "--plan")
    assert result.ret == 4
    assert "Unknown config option: suite_force" in result.stderr.str() + result.stdout.str()

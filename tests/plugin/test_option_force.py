"""--force: build again what is there. That it does is tested with a finished run."""

from plugin_project import Project


def test_never_unless_it_is_said(project: Project) -> None:
    assert project.settings().force is False
    assert project.settings("--force").force is True


def test_it_cannot_be_made_a_habit(project: Project) -> None:
    project.ini("suite_force = true")
    found = project.run("--strict-config", "-k", "digits and org", "--plan")
    assert found.ret == 4
    assert "Unknown config option: suite_force" in found.stderr.str() + found.stdout.str()

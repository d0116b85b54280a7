"""--plan: print what would be done, and do nothing."""

import pytest
from plugin_project import Project


def test_never_unless_it_is_said(project: Project) -> None:
    assert project.settings().plan is False
    assert project.settings("--plan").plan is True


@pytest.fixture
def planned(project: Project) -> pytest.RunResult:
    """The plan of two cells of digits."""
    return project.run("-k", "digits-org or digits-cd-syn", "--plan", "--seeds", "1")


def test_every_recipe_is_listed_under_its_case_once_to_build_and_then_shared(planned: pytest.RunResult) -> None:
    assert planned.ret == 0
    lines = planned.outlines
    org, syn = lines.index("digits-org"), lines.index("digits-cd-syn")
    recipes = [line.split(maxsplit=3) for line in lines if line.startswith("  ")]
    assert org < syn
    assert {words[0] for words in recipes} <= {"to", "shared"}
    of_org = [line for line in lines[org:syn] if "classifier, seed 0" in line]
    assert len(of_org) == 1
    assert of_org[0].startswith("  to build")
    assert [line for line in lines[syn:] if line.startswith("  shared") and line.split()[1] == of_org[0].split()[2]]


def test_nothing_is_built_and_nothing_reported(project: Project, planned: pytest.RunResult) -> None:
    assert list((project.store / "artifacts").iterdir()) == []
    assert list((project.store / "tmp").iterdir()) == []
    assert not (project.path / "reports").exists()
    assert "Table 1" not in planned.stdout.str()


def test_what_cannot_run_says_why(project: Project) -> None:
    found = project.run("-k", "melanoma and org", "--plan")
    lines = found.outlines
    assert lines[lines.index("melanoma-org") + 1].startswith("  cannot run: melanoma")

"""--classifier: the classifier of the table."""

from plugin_project import Project


def test_default_is_the_papers(project: Project) -> None:
    assert project.options().overrides.classifier == "resnet18"
    assert project.options(ini="suite_classifier = fine-tune").overrides.classifier == "fine-tune"
    assert project.options("--classifier", "linear-probe:dinov2").overrides.classifier == "linear-probe:dinov2"


def test_unknown_classifier_lists_the_choices(project: Project) -> None:
    assert project.usage_error("--classifier", "vgg") == (
        "--classifier vgg: unknown classifier 'vgg': choose from fine-tune, linear-probe, resnet18"
    )


def test_plan_has_the_chosen_classifier(project: Project) -> None:
    result = project.run("-k", "digits and org", "--plan", "--classifier", "linear-probe")
    assert result.ret == 0
    assert [line for line in result.outlines if "linear probe on digits" in line]
    assert not [line for line in result.outlines if "resnet18, seed" in line]

"""--sweep: variants of the cells of Table 1."""

import pytest
from plugin_project import Project

from suite.errors import UsageError
from suite.planning.run_options import RunOptions


def axis_names(options: RunOptions) -> list[str]:
    return [axis.name for axis in options.axes]


def test_default_is_no_sweep(project: Project) -> None:
    assert project.options().axes == ()
    assert axis_names(project.options("--sweep", "ratio", "--sweep", "budget")) == ["ratio", "replace", "budget"]
    assert axis_names(project.options(ini="suite_sweep = guidance")) == ["guidance"]
    assert set(axis_names(project.options("--sweep", "all"))) >= {
        "ratio",
        "scarcity",
        "budget",
        "guidance",
        "augmentation",
        "filter",
    }


def test_unknown_sweep_lists_the_choices(project: Project) -> None:
    with pytest.raises(UsageError, match=r"--sweep depth: choose from ratio, scarcity, .*all"):
        project.options("--sweep", "ratio", "--sweep", "depth")


def test_variants_are_collected_only_with_sweep(project: Project) -> None:
    assert "test_variant" not in project.run("--collect-only", "-q").stdout.str()
    result = project.run("--collect-only", "-q", "--sweep", "ratio", "-k", "digits-cd-mix-ratio")
    assert [line.partition("[")[2] for line in result.outlines if "test_variant" in line] == [
        f"digits-cd-mix-ratio-{value:g}]" for value in (0.25, 0.5, 2, 4, 10)
    ]


def test_filters_are_variants_of_cells_with_synthetic_images(project: Project) -> None:
    result = project.run("--collect-only", "-q", "--sweep", "filter", "-k", "digits and cd and filter or digits-org")
    ids = [line.partition("[")[2] for line in result.outlines if "::" in line]
    names = ("agreement", "manifold", "no-copies", "top-k", "useful")
    assert ids == [*(f"digits-cd-{mode}-filter-{name}]" for mode in ("syn", "mix") for name in names), "digits-org]"]

"""Profiles: budgets as TOML files."""

from pathlib import Path

import pytest

from suite.errors import UsageError
from suite.generators.generator import generators
from suite.metrics.extractors.extractor import extractors
from suite.planning.profiles import Profile, load_profile, profile_names
from suite.planning.table1_rows import read_rows

CASES = Path(__file__).parents[3] / "cases"


@pytest.fixture
def profile() -> Profile:
    """A profile with an exception for one dataset."""
    return Profile(
        "test",
        {
            "title": "test",
            "max_seeds": 2,
            "data": {"per_class": 7, "validation": 0.2},
            "classifier": {"resnet18": {"width": 16}},
            "generator": {"cd": {"training": {"steps": 5}}},
            "dataset": {
                "digits": {"max_seeds": 4, "data": {"per_class": 9}, "generator": {"cd": {"sampling": {"steps": 2}}}}
            },
        },
    )


def test_exception_overrides_only_the_given_settings(profile: Profile) -> None:
    digits, other = profile.budget("digits"), profile.budget("photos")
    assert (digits.max_seeds, other.max_seeds) == (4, 2)
    assert (digits.data.per_class, digits.data.validation) == (9, 0.2)
    assert (other.data.per_class, other.data.validation) == (7, 0.2)
    assert digits.classifier == other.classifier
    assert digits.generator["cd"] == {"training": {"steps": 5}, "sampling": {"steps": 2}}
    assert other.generator["cd"] == {"training": {"steps": 5}}
    assert profile.base == other


def test_changed_profile_overrides_exceptions_and_is_a_copy(profile: Profile) -> None:
    before = profile.budget("digits")
    changed = profile.changed({"max_seeds": 1}).changed({"data": {"per_class": 3}})
    assert {changed.budget(name).max_seeds for name in ("digits", "photos")} == {1}
    assert {changed.budget(name).data.per_class for name in ("digits", "photos")} == {3}
    assert changed.budget("digits").generator == before.generator
    assert profile.budget("digits") == before


def test_reading_a_budget_does_not_change_the_profile(profile: Profile) -> None:
    assert profile.budget("digits") == profile.budget("digits")
    assert profile.budget("photos") == profile.budget("photos")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"title": "x", "max_seeds": 0}, r"profile test, dataset photos, max_seeds: .*greater than or equal to 1"),
        ({"title": "x", "data": {"per_clas": 3}}, r"data\.per_clas: Extra inputs"),
        ({"title": "x", "classifier": {"resnet18": 0}}, r"classifier\.resnet18"),
        ({}, "title: Field required"),
    ],
)
def test_error_names_the_invalid_setting(settings: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Profile("test", dict(settings)).budget("photos")


def test_unknown_profile_lists_the_choices() -> None:
    with pytest.raises(UsageError, match="unknown profile 'huge': choose from cpu, paper, smoke"):
        load_profile("huge")


@pytest.mark.parametrize("name", profile_names())
def test_committed_profiles_are_valid_for_every_row(name: str) -> None:
    profile = load_profile(name)
    for dataset in ("", *read_rows(CASES)):
        budget = profile.budget(dataset)
        assert set(budget.metrics.extractors) <= set(extractors)
        for generator, settings in budget.generator.items():
            assert generators.get(generator).settings.model_validate(settings)


def test_profiles_are_ordered_by_cost() -> None:
    smoke, cpu, paper = (load_profile(name).base for name in ("smoke", "cpu", "paper"))
    assert (smoke.data.per_class or 0) < (cpu.data.per_class or 0)
    assert paper.data.per_class is None
    assert (
        smoke.classifier["resnet18"]["width"]
        <= cpu.classifier["resnet18"]["width"]
        <= paper.classifier["resnet18"]["width"]
    )


@pytest.mark.parametrize(("name", "most"), [("smoke", 8), ("cpu", 12), ("paper", 20)])
def test_profiles_state_the_most_seeds_and_one_generator_seed(name: str, most: int) -> None:
    budget = load_profile(name).base
    assert (budget.max_seeds, budget.generator_seeds) == (most, 1)

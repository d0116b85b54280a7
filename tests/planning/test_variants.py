"""Variants: a case changed along one axis."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.classifiers.classifier import ClassifierSettings
from suite.classifiers.plugins.resnet18 import ResNet18Settings
from suite.errors import UsageError
from suite.filters.filter import filters
from suite.generators.biggan.settings import GanSettings
from suite.generators.cd.settings import DiffusionSettings
from suite.images.corruption_table import CORRUPTIONS
from suite.planning.axes import AXES, SWEEPS
from suite.planning.case import Case, Mode
from suite.planning.profiles import load_profile, profile_names
from suite.planning.variants import Sweep, Variant, variants_of

NUMERIC = [name for name, axis in AXES.items() if not axis.takes_name]


class NoSettings(ClassifierSettings):
    """Of a classifier that no axis can change."""


@given(st.sampled_from(NUMERIC), st.integers(0, 10_000).map(lambda number: number / 100))
def test_name_of_a_numeric_variant_can_be_parsed(axis: str, value: float) -> None:
    variant = Variant(axis=axis, value=value)
    assert Variant.parse(variant.name) == variant


@pytest.mark.parametrize("word", ["agreement", "top-k", "3", "linear-probe:dinov2"])
def test_name_of_a_named_variant_can_be_parsed(word: str) -> None:
    variant = Variant(axis="filter", word=word)
    assert variant.name == f"filter-{word}"
    assert Variant.parse(variant.name) == variant


@pytest.mark.parametrize(
    "fields",
    [
        {"axis": "filter"},
        {"axis": "filter", "value": 2.0},
        {"axis": "filter", "word": "top-k", "value": 2.0},
        {"axis": "ratio", "word": "top-k"},
        {"axis": "ratio", "word": "top-k", "value": 2.0},
    ],
    ids=str,
)
def test_axis_takes_either_a_number_or_a_name(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=f"axis {fields['axis']} takes a "):
        Variant.model_validate(fields)


@pytest.mark.parametrize("name", ["", "depth-3", "ratio-much", "ratio--", "filter", "filter-"])
def test_unknown_variant_lists_the_axes(name: str) -> None:
    with pytest.raises(UsageError, match="axes are ratio, replace, scarcity"):
        Variant.parse(name)


def test_every_axis_belongs_to_a_sweep() -> None:
    assert sorted(axis for axes in SWEEPS.values() for axis in axes) == sorted(AXES)


@pytest.mark.parametrize(
    ("axis", "modes"),
    [
        ("ratio", {"mix"}),
        ("replace", {"mix"}),
        ("scarcity", {"org", "mix"}),
        ("imbalance", {"org", "mix"}),
        ("reweighting", {"org"}),
        ("budget", {"mix"}),
        ("guidance", {"syn"}),
        ("strength", {"syn", "mix"}),
        ("augmentation", {"org"}),
        ("filter", {"syn", "mix"}),
        ("classifier", {"org", "syn", "mix"}),
        ("corruption", {"org", "syn", "mix"}),
    ],
)
def test_axis_applies_to_these_modes(axis: str, modes: set[str]) -> None:
    sweep = Sweep(
        ratio=(0.5, 2.0),
        replace=(0.5,),
        scarcity=(10,),
        guidance=(2.0,),
        filter=("top-k", "mine"),
        classifier=("a", "b:c"),
    )
    for mode in Mode:
        case = Case(dataset="digits", generator=None if mode is Mode.ORG else "cd", mode=mode)
        found = variants_of(case, AXES[axis], sweep, DiffusionSettings(), ResNet18Settings)
        names = [variant.variant for variant in found]
        assert bool(names) == (mode in modes)
        assert len(names) == len(set(names)) == (len(sweep.along(AXES[axis])) if names else 0)
        assert all(Variant.parse(name or "").axis == axis for name in names)


@pytest.mark.parametrize("axis", ["budget", "augmentation", "reweighting"])
def test_classifier_without_the_setting_has_no_variants_of_it(axis: str) -> None:
    for mode in Mode:
        case = Case(dataset="digits", generator=None if mode is Mode.ORG else "cd", mode=mode)
        assert list(variants_of(case, AXES[axis], Sweep(), DiffusionSettings(), NoSettings)) == []


@pytest.mark.parametrize("axis", ["guidance", "strength"])
def test_generator_without_the_setting_has_no_variants_of_it(axis: str) -> None:
    case = Case(dataset="digits", generator="biggan", mode=Mode.SYN)
    for settings in (GanSettings(), None):
        assert list(variants_of(case, AXES[axis], Sweep(), settings, ResNet18Settings)) == []


def test_every_profile_has_values_on_every_axis() -> None:
    for name in profile_names():
        sweep = load_profile(name).base.sweep
        assert all(sweep.along(axis) for axis in AXES.values() if axis.name != "classifier")


def test_corruptions_are_swept_at_each_severity() -> None:
    names = [variant.name for variant in Sweep(corruption=("jpeg", "fog"), severity=(1, 5)).along(AXES["corruption"])]
    assert names == ["corruption-jpeg-1", "corruption-jpeg-5", "corruption-fog-1", "corruption-fog-5"]
    assert len(Sweep().along(AXES["corruption"])) == 3 * len(CORRUPTIONS)
    with pytest.raises(ValueError, match="no such corruption: frost; choose from gaussian-noise, "):
        Sweep(corruption=("frost",))
    with pytest.raises(ValueError, match="less than or equal to 5"):
        Sweep(severity=(6,))


def test_all_registered_filters_are_swept_unless_the_profile_lists_some() -> None:
    assert [variant.word for variant in Sweep().along(AXES["filter"])] == list(filters)
    assert Sweep(filter=()).along(AXES["filter"]) == ()

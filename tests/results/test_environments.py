"""Differences between the environments of a cell and of ORG."""

import pytest

from suite.artifacts.manifest import BuiltWith
from suite.results.environments import environment_differences

TEXT = "ORG and this cell"


def built(device: str = "cpu", torch: str = "2.14.1") -> BuiltWith:
    return BuiltWith.model_validate({"device": device, "versions": {"torch": torch, "numpy": "2.3"}})


def test_equal_environments_do_not_differ() -> None:
    assert environment_differences([built(), built()], [built()]) == ""


def test_differences_of_both_arms_are_named() -> None:
    old, new = built(torch="2.11.0"), built()
    releases = f"{TEXT} were made with different library releases: torch"
    assert environment_differences([new], [old]) == f"{releases} 2.11.0 and 2.14.1"
    assert environment_differences([new, old], [old]) == f"{releases} 2.11.0 and 2.11.0/2.14.1"
    device = f"{TEXT} were made on different device kinds: cpu and cuda"
    assert environment_differences([built("cuda")], [new]) == device
    assert environment_differences([built("cuda")], [old]) == f"{releases} 2.11.0 and 2.14.1; {device}"


@pytest.mark.parametrize(
    ("cell", "org", "unknown"),
    [
        ([built()], [None], "ORG"),
        ([None, built()], [built()], "this cell"),
        ([None, built()], [None], "ORG and this cell"),
        ([None], [None], "ORG and this cell"),
    ],
)
def test_an_unknown_environment_is_named(
    cell: list[BuiltWith | None], org: list[BuiltWith | None], unknown: str
) -> None:
    text = f"{TEXT} may differ in library releases or device kind: unknown for older artifacts of"
    assert environment_differences(cell, org) == f"{text} {unknown}"

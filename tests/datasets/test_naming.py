import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.datasets.naming import listed, match_classes, mismatch, shown


@given(st.text())
def test_what_is_shown_is_one_line(text: str) -> None:
    assert len(shown(text).splitlines()) <= 1
    if text.isprintable():
        assert shown(text) == text


def test_undecodable_bytes_are_shown_as_escapes() -> None:
    assert shown("a\udcff\nb") == "a\\udcff\\nb"


def test_long_lists_are_cut() -> None:
    assert listed("abc") == "'a', 'b', 'c'"
    assert listed("abcdefgh") == "'a', 'b', 'c', 'd', 'e', 'f' and 2 more"


@pytest.mark.parametrize(
    ("folders", "labels"),
    [
        (("cat", "French horn", "T-shirt/top"), [0, 1, 2]),
        (("T-shirt_top", "CAT", "french_horn"), [2, 0, 1]),
        (("cat", "n03394916", "t-shirt"), [0, 1, 2]),
        (("cat", "French horn"), None),
        (("cat", "French horn", "shirt"), None),
        (("cat", "French horn", "T-shirt/top", "dog"), None),
        (("cat", "French horn", "n03394916"), None),
        (("cat", "Cat", "French horn", "T-shirt/top"), None),
    ],
)
def test_folders_are_matched_to_classes(folders: tuple[str, ...], labels: list[int] | None) -> None:
    aliases = {"n03394916": "French horn", "T-shirt": "T-shirt/top"}
    matched = match_classes(folders, ("cat", "French horn", "T-shirt/top"), aliases)
    assert matched == (None if labels is None else dict(zip(folders, labels, strict=True)))


def test_classes_that_differ_by_case_are_matched_exactly() -> None:
    assert match_classes(("a", "A"), ("A", "a")) == {"a": 1, "A": 0}
    assert match_classes(("a", "b"), ("A", "a")) is None


@pytest.mark.parametrize(
    ("folders", "said"),
    [
        (("cat", "dog"), "(only there: 'dog'; only in pets: 'French horn', 'T-shirt/top'): rename the folders"),
        (("cat", "n03394916", "t-shirt", "emu"), "(only there: 'emu'): remove that"),
        (("cat", "t-shirt"), "(only in pets: 'French horn'): add images of that"),
        (
            ("cat", "Cat", "French horn", "T-shirt/top"),
            "('cat', 'Cat' are one class): put their images into one folder",
        ),
    ],
)
def test_a_mismatch_is_shown_side_by_side(folders: tuple[str, ...], said: str) -> None:
    aliases = {"n03394916": "French horn", "T-shirt": "T-shirt/top"}
    classes = ("cat", "French horn", "T-shirt/top")
    assert match_classes(folders, classes, aliases) is None
    assert mismatch(folders, classes, aliases, whose="pets") == said

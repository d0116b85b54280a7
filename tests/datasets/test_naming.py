import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.datasets.naming import describe_mismatch, escaped, match_classes, quoted


@given(st.text())
def test_escaped_text_is_one_line(text: str) -> None:
    assert len(escaped(text).splitlines()) <= 1
    if text.isprintable():
        assert escaped(text) == text


def test_undecodable_bytes_are_escaped() -> None:
    assert escaped("a\udcff\nb") == "a\\udcff\\nb"


def test_long_lists_are_shortened() -> None:
    assert quoted("abc") == "'a', 'b', 'c'"
    assert quoted("abcdefgh") == "'a', 'b', 'c', 'd', 'e', 'f' and 2 more"


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
    ("folders", "expected"),
    [
        (
            ("cat", "dog"),
            "(only in the folders: 'dog'; only in pets: 'French horn', 'T-shirt/top'): rename the folders",
        ),
        (("cat", "n03394916", "t-shirt", "emu"), "(only in the folders: 'emu'): remove these folders"),
        (("cat", "t-shirt"), "(only in pets: 'French horn'): add images of these classes"),
        (
            ("cat", "Cat", "French horn", "T-shirt/top"),
            "('cat', 'Cat' are the same class): put their images into one folder",
        ),
    ],
)
def test_a_mismatch_names_both_sides(folders: tuple[str, ...], expected: str) -> None:
    aliases = {"n03394916": "French horn", "T-shirt": "T-shirt/top"}
    classes = ("cat", "French horn", "T-shirt/top")
    assert match_classes(folders, classes, aliases) is None
    assert describe_mismatch(folders, classes, aliases, whose="pets") == expected

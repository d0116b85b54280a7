"""The rows of Table 1 as data."""

from pathlib import Path

import pytest

from suite.datasets.dataset import datasets
from suite.errors import UsageError
from suite.generators.generator import generators
from suite.planning.case import Case, Mode
from suite.planning.profiles import profile_names
from suite.planning.table1_rows import read_rows

CASES = Path(__file__).parents[2] / "cases"


def row(folder: Path, text: str) -> None:
    (folder / "photos.toml").write_text(text, encoding="utf-8")


def test_a_row_knows_its_cells_and_their_numbers(tmp_path: Path) -> None:
    row(tmp_path, 'generators = ["cd"]\n[paper]\norg = 80.0\ncd-mix = 83.4\n[expected.smoke]\norg = [60, 90]\n')
    photos = read_rows(tmp_path)["photos"]
    org, mix = Case(dataset="photos", mode=Mode.ORG), Case(dataset="photos", generator="cd", mode=Mode.MIX)
    assert photos.cases[0] == org
    assert (photos.paper_of(org), photos.paper_of(mix)) == (80.0, 83.4)
    assert photos.expected_of(org, "smoke") == (60, 90)
    assert photos.expected_of(org, "cpu") is photos.expected_of(mix, "smoke") is None
    varied = mix.model_copy(update={"variant": "budget"})
    assert photos.paper_of(varied) is None, "the paper has no variants"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("generators = [", r"photos\.toml: .*at end of document"),
        ("", "generators: Field required"),
        ('generators = ["cd"]\ngenerator = "cd"', "generator: Extra inputs"),
        ('generators = ["cd"]\n[paper]\nsd-mix = 3', "no such cell: sd-mix; this row has cd-mix, cd-syn, org"),
        ('generators = ["cd"]\n[expected.smoke]\nsd-mix = [1, 2]', "no such cell: sd-mix"),
        ('generators = ["cd"]\n[paper]\norg = 181', "paper.org: Input should be less than or equal to 100"),
    ],
)
def test_a_mistake_names_the_file_and_the_place(tmp_path: Path, text: str, words: str) -> None:
    row(tmp_path, text)
    with pytest.raises(UsageError, match=words) as caught:
        read_rows(tmp_path)
    assert str(tmp_path / "photos.toml") in str(caught.value)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "photos.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"photos\.toml: .*decode"):
        read_rows(tmp_path)


def test_the_committed_rows_name_what_exists() -> None:
    rows = read_rows(CASES)
    assert "digits" in rows
    for name, found in rows.items():
        assert name in datasets
        assert set(found.generators) <= set(generators)
        assert set(found.expected) <= set(profile_names())


def test_the_paper_profile_expects_what_the_paper_has_within_five_points() -> None:
    known = {name: row for name, row in read_rows(CASES).items() if row.paper}
    assert set(known) == {"cifar10", "imagenette", "melanoma"}
    for row in known.values():
        for case in row.cases:
            number, expected = row.paper_of(case), row.expected_of(case, "paper")
            if number is None:
                assert expected is None, case.id
            else:
                assert expected == pytest.approx((number - 5, number + 5)), case.id


def test_the_row_of_melanoma_has_sd_although_the_paper_has_not() -> None:
    row = read_rows(CASES)["melanoma"]
    missing = {case.id for case in row.cases if case.generator != "biggan" and row.paper_of(case) is None}
    assert missing == {"melanoma-sd-syn", "melanoma-sd-mix"}

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


def write_row(folder: Path, text: str) -> None:
    (folder / "photos.toml").write_text(text, encoding="utf-8")


def test_row_has_cells_with_paper_and_expected_accuracies(tmp_path: Path) -> None:
    write_row(tmp_path, 'generators = ["cd"]\n[paper]\norg = 80.0\ncd-mix = 83.4\n[expected.smoke]\norg = [60, 90]\n')
    photos = read_rows(tmp_path)["photos"]
    org, mix = Case(dataset="photos", mode=Mode.ORG), Case(dataset="photos", generator="cd", mode=Mode.MIX)
    assert photos.cases[0] == org
    assert (photos.paper_of(org), photos.paper_of(mix)) == (80.0, 83.4)
    assert photos.expected_of(org, "smoke") == (60, 90)
    assert photos.expected_of(org, "cpu") is photos.expected_of(mix, "smoke") is None
    variant = mix.model_copy(update={"variant": "budget"})
    assert photos.paper_of(variant) is None, "the paper has no variants"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("generators = [", r"photos\.toml: .*at end of document"),
        ("", "generators: Field required"),
        ('generators = ["cd"]\ngenerator = "cd"', "generator: Extra inputs"),
        ('generators = ["cd"]\n[paper]\nsd-mix = 3', "no such cell: sd-mix; this row has cd-mix, cd-syn, org"),
        ('generators = ["cd"]\n[expected.smoke]\nsd-mix = [1, 2]', "no such cell: sd-mix"),
        ('generators = ["cd"]\n[paper]\norg = 181', "paper.org: Input should be less than or equal to 100"),
    ],
)
def test_error_names_the_file_and_the_field(tmp_path: Path, text: str, message: str) -> None:
    write_row(tmp_path, text)
    with pytest.raises(UsageError, match=message) as error:
        read_rows(tmp_path)
    assert str(tmp_path / "photos.toml") in str(error.value)


def test_error_names_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "photos.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"photos\.toml: .*decode"):
        read_rows(tmp_path)


def test_committed_rows_name_existing_plugins_and_profiles() -> None:
    rows = read_rows(CASES)
    assert "digits" in rows
    for name, row in rows.items():
        assert name in datasets
        assert set(row.generators) <= set(generators)
        assert set(row.expected) <= set(profile_names())


def test_paper_profile_expects_the_paper_accuracy_within_five_points() -> None:
    rows_with_paper = {name: row for name, row in read_rows(CASES).items() if row.paper}
    assert set(rows_with_paper) == {"cifar10", "imagenette", "melanoma"}
    for row in rows_with_paper.values():
        for case in row.cases:
            accuracy, expected = row.paper_of(case), row.expected_of(case, "paper")
            if accuracy is None:
                assert expected is None, case.id
            else:
                assert expected == pytest.approx((accuracy - 5, accuracy + 5)), case.id


def test_melanoma_row_has_sd_although_the_paper_does_not() -> None:
    row = read_rows(CASES)["melanoma"]
    missing = {case.id for case in row.cases if case.generator != "biggan" and row.paper_of(case) is None}
    assert missing == {"melanoma-sd-syn", "melanoma-sd-mix"}

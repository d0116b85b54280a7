"""``suite judge`` and ``suite report``."""

import webbrowser
from collections.abc import Callable
from pathlib import Path

import pytest
from plugin_project import write_dataset

from suite.__main__ import main
from suite.judge import set_name
from suite.report.writer import write_report
from suite.results.models import ResultsFile

SMALL = ("--profile", "smoke", "--device", "cpu", "--jobs", "2")


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, with the real images ``photos`` and the synthetic ones ``made``."""
    monkeypatch.chdir(tmp_path)
    for name in ("SUITE_STORE", "SUITE_REPORTS", "SUITE_DATA_ROOT"):
        monkeypatch.delenv(name, raising=False)
    write_dataset(tmp_path, "photos")
    write_dataset(tmp_path / "other", "made", train=8)
    (tmp_path / "other" / "made" / "train").rename(tmp_path / "made")
    return tmp_path


def error_of(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(words) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    return error.removeprefix("error: ").rstrip()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["photos", "made", "other/../made/"], "made and other/../made would both be called made: give one of them"),
        (["photos", "x=made", "x=photos/train"], "made and photos/train would both be called x: give one of them"),
        (["photos", "a b=made"], "'a b' cannot name a synthetic set: use letters"),
        (["photos", "nowhere"], "--synthetic nowhere=nowhere does not exist: give a directory or a zip"),
        (["nowhere", "made"], "--real nowhere does not exist: give a directory or zip"),
        (["photos", "org=made"], "--synthetic org: this is a dataset, generator, mode or operator of -k"),
        (["photos", "made", "--amount", "many"], "--amount many: give a number from 0.01 to 1000"),
    ],
)
def test_mistakes_are_one_line(
    photos: Path, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert error_of(["judge", *words], capsys).startswith(message)
    assert not (photos / ".store").exists()
    assert not (photos / "reports").exists()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("out/sd", "sd"),
        ("my fakes.zip", "my-fakes"),
        ("a=b", "a-b"),
        ("v1.5", "v1.5"),
        ("(1)", "1"),
        ("%%", "synthetic"),
    ],
)
def test_a_set_is_named_after_its_folder_or_zip(path: str, name: str) -> None:
    assert set_name(Path(path)) == name


def test_plan_builds_nothing(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["judge", "photos", "new=made", "--plan", *SMALL]) == 0
    printed = capsys.readouterr().out
    assert "photos-new-mix" in printed
    assert not (photos / "reports").exists()


@pytest.mark.slow
def test_judge_prints_answer_table_and_page(
    photos: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    words = ["judge", "photos", "a=b=made", *SMALL]
    (photos / "a=b=made").symlink_to(photos / "made")
    before = set(photos.iterdir())
    assert main([*words, "--open", "--fail-on", "undecided", "--fail-on", "not-valid"]) == 1
    printed = capsys.readouterr().out
    page = photos / "reports" / "photos" / "smoke" / "index.html"
    assert opened == [page.as_uri()]
    for text in (
        "photos: ",
        "photos-a-b-made-mix",
        "--fail-on: photos-a-b-made-mix",
        f"report: {page}",
        "profile: smoke",
    ):
        assert text in printed
    assert "suite judge photos a-b-made=a=b=made --profile smoke" in page.read_text("utf-8").replace("&#39;", "'")
    assert {path.name for path in set(photos.iterdir()) - before} == {".store", "reports"}
    assert main(words) == 0, "without --fail-on an undecided answer is no failure"


def test_report_is_made_again_from_its_bundle(
    photos: Path, make_results: Callable[..., ResultsFile], capsys: pytest.CaptureFixture[str]
) -> None:
    results = make_results()
    folder = write_report(results, photos / "reports", {})
    earlier = (folder / "bundle.zip").rename(photos / "earlier.zip")
    assert "does not exist" in error_of(["report", "--profile", results.profile], capsys)
    earlier.rename(folder / "bundle.zip")
    (folder / "index.html").unlink()
    words = ["report", "--profile", results.profile, "--compare", str(folder / "results.json"), "--note", "seen again"]
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "Changes beyond noise" in printed
    assert "note: seen again" in printed
    assert "seen again" in (folder / "index.html").read_text("utf-8")

"""Bundles: the same report from one small file, and nothing believed unchecked."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.errors import UsageError
from suite.report.page import page
from suite.report.writer import write_report
from suite.results.bundle import LIMIT, bundle, read_bundle, read_results, results_json
from suite.results.models import Results

PICTURES = {
    "thumbnails-digits.webp": b"RIFF real",
    "thumbnails-digits-cd.webp": b"RIFF cd",
    "least-agreed-digits-cd.json": b'[[{"taken_for": 1, "probability": 0.9, "own": 0.1}]]',
    "differences-digits.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "grid-digits-cd.png": b"\x89PNG large, and not shown on the page",
}


def _zip(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return made.getvalue()


def _changed(results: Results, **fields: object) -> bytes:
    return json.dumps({**json.loads(results_json(results)), **fields}).encode()


def test_report_is_made_again_from_its_bundle_byte_for_byte(results: Results, tmp_path: Path):
    folder = write_report(results, tmp_path / "here", PICTURES)
    again = write_report(*_swapped(read_bundle(folder / "bundle.zip"), tmp_path / "there"))
    names = {path.name for path in folder.iterdir()} - {"grid-digits-cd.png"}
    assert {path.name for path in again.iterdir()} == names
    for name in names:
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name


def _swapped(read: tuple[Results, dict[str, bytes]], reports: Path) -> tuple[Results, Path, dict[str, bytes]]:
    return read[0], reports, read[1]


def test_same_results_make_the_same_bundle(make_results: Callable[..., Results]):
    assert bundle(make_results(), PICTURES) == bundle(make_results(), dict(reversed(PICTURES.items())))


def test_bundle_stays_small_and_says_what_was_left_out(results: Results, tmp_path: Path):
    big = {f"thumbnails-digits-{n}.webp": bytes([n]) * (LIMIT // 4) for n in range(1, 6)}
    big["thumbnails-digits-small.webp"] = b"RIFF"
    path = tmp_path / "bundle.zip"
    path.write_bytes(bundle(results, {**PICTURES, **big}))
    assert path.stat().st_size <= LIMIT
    read, pictures = read_bundle(path)
    left_out = {*PICTURES, *big} - {*pictures, "grid-digits-cd.png"}
    assert len(left_out) == 2
    assert {"thumbnails-digits-small.webp", "differences-digits.svg"} <= pictures.keys()
    (note,) = read.notes
    assert all(name in note for name in left_out)
    assert note in page(read, pictures)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no zip", "is no bundle that can be read"),
        (_zip({}), "it has no results.json"),
        (_zip({"results.json": b"{"}), "holds no results"),
        (_zip({"results.json": b"[]"}), "holds no results"),
        (_zip({"results.json": b'{"schema_version": 9}'}), "has schema version 9, this suite reads 2"),
        (_zip({"zeros": bytes(101_000_000)}), "it holds more than 100 MB"),
    ],
)
def test_what_is_no_bundle_is_refused_in_one_line(tmp_path: Path, content: bytes, said: str):
    path = tmp_path / "bundle.zip"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=said) as refused:
        read_bundle(path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("member", "content"),
    [
        ("pictures/../../escape.svg", b"<svg/>"),
        ("pictures/page.html", b"<script>"),
        ("/etc/passwd", b""),
        ("pictures/least-agreed-digits-cd.json", b'[[{"taken_for": "x"}]]'),
        ("pictures/least-agreed-digits-cd.json", b"{"),
    ],
)
def test_strange_members_are_refused(results: Results, tmp_path: Path, member: str, content: bytes):
    path = tmp_path / "bundle.zip"
    path.write_bytes(_zip({"results.json": results_json(results).encode(), member: content}))
    with pytest.raises(UsageError, match="is no bundle"):
        read_bundle(path)


@pytest.mark.parametrize("fields", [{"profile": "../../home"}, {"profile": ""}, {"cells": [{"mode": "syn"}]}])
def test_strange_results_are_refused(results: Results, tmp_path: Path, fields: dict[str, object]):
    path = tmp_path / "results.json"
    path.write_bytes(_changed(results, **fields))
    with pytest.raises(UsageError, match="holds no results"):
        read_results(path)


@pytest.mark.parametrize("update", [{"mode": "all"}, {"mode": "org"}, {"measurements": [{"id": "x"}]}])
def test_cells_that_cannot_be_are_refused(results: Results, tmp_path: Path, update: dict[str, object]):
    emitted = json.loads(results_json(results))
    emitted["cells"][1] |= update
    path = tmp_path / "results.json"
    path.write_text(json.dumps(emitted))
    with pytest.raises(UsageError, match="holds no results"):
        read_results(path)


def test_results_are_read_from_their_file_and_from_a_bundle(results: Results, tmp_path: Path):
    folder = write_report(results, tmp_path, PICTURES)
    for name in ("results.json", "bundle.zip"):
        assert results_json(read_results(folder / name)) == results_json(results)
    with pytest.raises(UsageError, match="cannot be read"):
        read_results(tmp_path / "nothing.json")

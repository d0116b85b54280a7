"""Bundles: the same report from one small file, and validation of everything in it."""

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
from suite.results.models import ResultsFile

PICTURES = {
    "thumbnails-digits.webp": b"RIFF real",
    "thumbnails-digits-cd.webp": b"RIFF cd",
    "audited-digits-cd.json": b'[[{"index": 1, "predicted": 2, "probability": 0.1, "influence": null}]]',
    "least-agreed-digits-cd.json": b'[[{"taken_for": 1, "probability": 0.9, "own": 0.1}]]',
    "differences-digits.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "grid-digits-cd.png": b"\x89PNG large, and not shown on the page",
}

MEASUREMENT = {"id": "kid", "name": "KID", "value": 0.1, "better": "lower", "n": 9}


def _zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _changed(results: ResultsFile, **fields: object) -> bytes:
    return json.dumps({**json.loads(results_json(results)), **fields}).encode()


def test_report_is_regenerated_from_its_bundle_byte_for_byte(results: ResultsFile, tmp_path: Path):
    folder = write_report(results, tmp_path / "first", PICTURES)
    read, pictures = read_bundle(folder / "bundle.zip")
    again = write_report(read, tmp_path / "second", pictures)
    names = {path.name for path in folder.iterdir()} - {"grid-digits-cd.png"}
    assert {path.name for path in again.iterdir()} == names
    for name in names:
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name


def test_same_results_make_the_same_bundle(make_results: Callable[..., ResultsFile]):
    assert bundle(make_results(), PICTURES) == bundle(make_results(), dict(reversed(PICTURES.items())))


def test_bundle_stays_small_and_names_what_was_left_out(results: ResultsFile, tmp_path: Path):
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
    ("content", "message"),
    [
        (b"no zip", "cannot be read as a bundle"),
        (_zip({}), "it has no results.json"),
        (_zip({"results.json": b"{"}), "holds no results"),
        (_zip({"results.json": b"[]"}), "holds no results"),
        (_zip({"results.json": b'{"schema_version": 9}'}), "has schema version 9, this suite reads 2"),
        (_zip({"zeros": bytes(101_000_000)}), "it has more than 100 MB"),
    ],
)
def test_other_files_are_refused_with_one_line(tmp_path: Path, content: bytes, message: str):
    path = tmp_path / "bundle.zip"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=message) as refused:
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
        ("pictures/audited-digits-cd.json", b'[[{"taken_for": 1, "probability": 0.9, "own": 0.1}]]'),
    ],
)
def test_unknown_or_invalid_members_are_refused(results: ResultsFile, tmp_path: Path, member: str, content: bytes):
    path = tmp_path / "bundle.zip"
    path.write_bytes(_zip({"results.json": results_json(results).encode(), member: content}))
    with pytest.raises(UsageError, match="is not a bundle"):
        read_bundle(path)


@pytest.mark.parametrize("fields", [{"profile": "../../home"}, {"profile": ""}, {"cells": [{"mode": "syn"}]}])
def test_invalid_results_are_refused(results: ResultsFile, tmp_path: Path, fields: dict[str, object]):
    path = tmp_path / "results.json"
    path.write_bytes(_changed(results, **fields))
    with pytest.raises(UsageError, match="holds no results"):
        read_results(path)


@pytest.mark.parametrize(
    "update",
    [
        {"mode": "all"},
        {"mode": "org"},
        {"measurements": [{"id": "x"}]},
        {"measurements": [{**MEASUREMENT, "generator_seed": -1}]},
    ],
)
def test_impossible_cells_are_refused(results: ResultsFile, tmp_path: Path, update: dict[str, object]):
    emitted = json.loads(results_json(results))
    emitted["cells"][1] |= update
    path = tmp_path / "results.json"
    path.write_text(json.dumps(emitted))
    with pytest.raises(UsageError, match="holds no results"):
        read_results(path)


def test_results_are_read_from_their_file_and_from_a_bundle(results: ResultsFile, tmp_path: Path):
    folder = write_report(results, tmp_path, PICTURES)
    for name in ("results.json", "bundle.zip"):
        assert results_json(read_results(folder / name)) == results_json(results)
    with pytest.raises(UsageError, match="cannot be read"):
        read_results(tmp_path / "nothing.json")


@pytest.mark.parametrize("entry", [MEASUREMENT, {**MEASUREMENT, "generator_seed": 1}])
def test_measurements_with_and_without_generator_seed_are_read(
    results: ResultsFile, tmp_path: Path, entry: dict[str, object]
):
    emitted = json.loads(results_json(results))
    emitted["cells"][1]["measurements"] = [entry]
    path = tmp_path / "results.json"
    path.write_text(json.dumps(emitted))
    assert read_results(path).cells[1].measurements == (entry,)

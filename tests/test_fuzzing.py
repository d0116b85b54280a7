"""Fuzzing of the readers: any input is read, or raises a SuiteError with a one-line message.

Inputs are random bytes, and valid files with changed bytes, truncated, or with changed values: input that is nearly
valid reaches more code than noise. The fuzzing test of the archive reader is in ``datasets/test_archive.py``.
"""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simple_recipes import NUMBER, Number, Painted

from suite.artifacts import Artifact, Store
from suite.artifacts.files import sealed
from suite.artifacts.manifest import MANIFEST, RUN, Manifest
from suite.artifacts.transfer import export_artifacts, import_artifacts
from suite.datasets.archive import open_files
from suite.datasets.naming import is_printable
from suite.engines.build import build_all
from suite.errors import SuiteError
from suite.planning.profiles import Profile
from suite.planning.table1_rows import read_rows
from suite.planning.variants import Variant
from suite.results.bundle import read_bundle, read_results

TRIES = settings(max_examples=120, deadline=None)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=12,
)


def check_clear_error(read: Callable[[], object]) -> None:
    """Call ``read``; a SuiteError is allowed if its message is one printable line."""
    try:
        read()
    except SuiteError as error:
        assert is_printable(str(error)), repr(str(error))  # noqa: PT017 - an error is allowed, not required


def damage(data: st.DataObject, whole: bytes) -> bytes:
    """Return ``whole`` with up to four bytes changed, or truncated, or random bytes instead."""
    kind = data.draw(st.sampled_from(["bytes", "truncated", "noise"]))
    if kind == "noise":
        return data.draw(st.binary(max_size=60))
    if kind == "truncated":
        return whole[: data.draw(st.integers(0, len(whole)))]
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    return bytes(changed)


def change_value(data: st.DataObject, value: Any) -> Any:
    """Return a JSON value in which one value, at any depth, is replaced, removed or added."""
    if isinstance(value, dict) and value and data.draw(st.integers(0, 3)):
        name = data.draw(st.sampled_from(sorted(value)))
        kind = data.draw(st.sampled_from(["inside", "remove", "add"]))
        if kind == "remove":
            return {key: inner for key, inner in value.items() if key != name}
        if kind == "add":
            return {**value, data.draw(st.text(max_size=8)): data.draw(JSON)}
        return {**value, name: change_value(data, value[name])}
    if isinstance(value, list) and value and data.draw(st.integers(0, 3)):
        index = data.draw(st.integers(0, len(value) - 1))
        return [*value[:index], change_value(data, value[index]), *value[index + 1 :]]
    return data.draw(JSON)


@pytest.fixture
def artifact(store: Store) -> Artifact:
    """A small artifact with an image file."""
    return build_all(store, [Painted(per_class=(1, 1), size=2)])[0]


def read_all(artifact: Artifact) -> None:
    """Read everything in an artifact."""
    fresh = Artifact(artifact.path, artifact.key)
    assert isinstance(fresh.run, dict)
    fresh.verify()
    for name in fresh.manifest.files:
        for read in (fresh.json, fresh.tensors):
            try:
                read(name)
            except SuiteError as error:
                assert str(error).isprintable()  # noqa: PT017 - an error is allowed, not required


@TRIES
@given(data=st.data())
def test_manifests_with_any_bytes(artifact: Artifact, data: st.DataObject) -> None:
    path = artifact.path / MANIFEST
    whole = path.read_bytes()
    try:
        path.write_bytes(damage(data, whole))
        check_clear_error(lambda: read_all(artifact))
    finally:
        path.write_bytes(whole)


@TRIES
@given(data=st.data())
def test_manifests_with_any_values_and_a_valid_checksum(artifact: Artifact, data: st.DataObject) -> None:
    """As an attacker would write them."""
    path = artifact.path / MANIFEST
    whole = path.read_bytes()
    manifest = change_value(data, {name: value for name, value in json.loads(whole).items() if name != "sha256"})
    try:
        content = json.dumps(sealed(manifest) if isinstance(manifest, dict) else manifest)
    except ValueError:  # NaN: Python writes it although it is not JSON
        content = json.dumps(manifest)
    try:
        path.write_text(content)
        check_clear_error(lambda: read_all(artifact))
    finally:
        path.write_bytes(whole)


@TRIES
@given(data=st.data())
def test_run_files_with_any_bytes(artifact: Artifact, data: st.DataObject) -> None:
    path = artifact.path / RUN
    whole = path.read_bytes()
    try:
        path.write_bytes(damage(data, whole))
        read_all(artifact)
    finally:
        path.write_bytes(whole)


@TRIES
@given(content=st.binary(max_size=100) | JSON.map(lambda value: json.dumps(value).encode()))
def test_payloads_with_any_bytes_and_a_matching_manifest(store: Store, content: bytes) -> None:
    recipe = Number(value=1)
    store.discard(recipe.key)
    store.workspace(recipe.key)
    (store.payload(recipe.key) / NUMBER).write_bytes(content)
    read_all(store.publish(recipe, {}))


@TRIES
@given(name=st.text(max_size=30))
def test_names_of_payload_files(name: str) -> None:
    recipe = Number(value=1)
    files = {name: {"sha256": "0" * 64, "bytes": 0}}
    text = json.dumps(sealed({"format": 1, "key": recipe.key, "files": files, **recipe.description}))
    try:
        manifest = Manifest.parse(text.encode(), "here")
    except ValueError as error:
        assert str(error).isprintable()  # noqa: PT017 - an error is allowed, not required
        return
    (file,) = manifest.files
    path = (Path("/store/artifact") / file).resolve()
    assert path.is_relative_to("/store/artifact")
    assert path != Path("/store/artifact")


RESULTS = {
    "suite_version": "1",
    "profile": "smoke",
    "title": "t",
    "evaluate": "test",
    "cells": [
        {
            "dataset": "a",
            "generator": "cd",
            "mode": "mix",
            "variant": "ratio-0.5",
            "status": "done",
            "command": "c",
            "accuracies": [1.0, 1.0],
            "mean": 1.0,
            "interval": [0.0, 1.0],
            "comparison": {
                "difference": -1.0,
                "org_accuracy": 2.0,
                "org_standard_error": 0.1,
                "constant_accuracy": 1.0,
                "seed_variance": 0.1,
                "org_seed_variance": 0.1,
                "image_variance": 0.1,
                "n_seeds": 2,
                "n_images": 1,
            },
            "judgement": {"verdict": "hurts", "interval": [-1.5, -0.5], "seeds": 5, "level": 0.01},
            "measurements": [],
            "counts": {"classes": ["x"], "real": [1], "synthetic": [1], "evaluation": [1]},
        }
    ],
    "discriminators": [{"dataset": "a", "generator": "cd", "status": "not run", "command": "c"}],
}


def test_the_unchanged_inputs_are_valid(tmp_path: Path, artifact: Artifact) -> None:
    """Otherwise the tests with changed values would test nothing."""
    (tmp_path / "results.json").write_text(json.dumps(RESULTS))
    assert len(read_results(tmp_path / "results.json").cells) == 1
    read_all(artifact)


@TRIES
@given(data=st.data())
def test_results(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "results.json"
    nearly_valid = json.dumps(change_value(data, RESULTS)).encode()
    path.write_bytes(nearly_valid if data.draw(st.booleans()) else damage(data, json.dumps(RESULTS).encode()))
    check_clear_error(lambda: read_results(path))


@TRIES
@given(data=st.data())
def test_bundles(tmp_path: Path, data: st.DataObject) -> None:
    buffer = io.BytesIO()
    members = {
        "results.json": json.dumps(RESULTS),
        "pictures/thumbnails-a.webp": "RIFF",
        "pictures/least-agreed-a-cd.json": "[]",
        data.draw(st.sampled_from(["pictures/a.svg", "pictures/../a.svg", "x", "pictures/\n.svg"])): "<svg/>",
    }
    with zipfile.ZipFile(
        buffer, "w", data.draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    ) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    whole = buffer.getvalue()
    path = tmp_path / "bundle.zip"
    path.write_bytes(whole if data.draw(st.integers(0, 9)) == 0 else damage(data, whole))
    check_clear_error(lambda: read_bundle(path))
    assert [path.name for path in tmp_path.iterdir()] == ["bundle.zip"], "nothing is extracted"


@TRIES
@given(data=st.data())
def test_compressed_archives(tmp_path: Path, data: st.DataObject) -> None:
    buffer = io.BytesIO()
    compression = data.draw(st.sampled_from([zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]))
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name in ("train/a/1.png", "train/b/1.png", "test/a/1.png", "test/b/1.png"):
            archive.writestr(name, b"\x89PNG" * 20)
    path = tmp_path / "x.zip"
    path.write_bytes(damage(data, buffer.getvalue()))

    def read() -> None:
        files = open_files(path)
        for parts in files.listing.files:
            files.read(parts)

    check_clear_error(read)
    assert [path.name for path in tmp_path.iterdir()] == ["x.zip"], "nothing is extracted"


@TRIES
@given(data=st.data())
def test_exported_artifacts(tmp_path: Path, store: Store, data: st.DataObject) -> None:
    recipe = Number(value=1)
    whole = tmp_path / "whole.zip"
    if not whole.exists():
        build_all(store, [recipe])
        list(export_artifacts(store, [recipe.key], whole))
    (tmp_path / "bad.zip").write_bytes(damage(data, whole.read_bytes()))
    other = Store(tmp_path / "other")
    other.prepare()

    def read() -> None:
        for imported in import_artifacts(other, tmp_path / "bad.zip"):
            assert imported.reason.isprintable()

    check_clear_error(read)
    for key in list(other.keys()):
        Artifact(other.path(key), key).verify()
        other.discard(key)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.zip", "other", "store", "whole.zip"]


@TRIES
@given(content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_rows_with_any_bytes(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "row.toml").write_bytes(content)
    check_clear_error(lambda: read_rows(tmp_path))


@TRIES
@given(data=st.data())
def test_profiles_with_any_values(data: st.DataObject) -> None:
    whole = {
        "title": "t",
        "seeds": 3,
        "data": {"image_size": 32, "validation": 0.1},
        "classifier": {"network": "resnet18", "epochs": 1, "augmentation": ["flip"]},
        "metrics": {"extractors": ["pixels"], "sides": {"pixels": 32}},
        "generator": {"cd": {"training": {"steps": 1}}},
        "sweep": {"ratio": [0.5]},
        "dataset": {"digits": {"seeds": 1}},
    }
    profile = change_value(data, whole)
    if isinstance(profile, dict):  # a TOML file is always a table
        check_clear_error(lambda: Profile("own", profile).budget("digits"))


@TRIES
@given(name=st.text(max_size=20) | st.from_regex(r"(ratio|replace|scarcity|filter|budget)(-.{0,6})?", fullmatch=True))
def test_variants_with_any_name(name: str) -> None:
    try:
        assert Variant.parse(name).name == name
    except SuiteError as error:
        assert str(error).isprintable()  # noqa: PT017 - an error is allowed, not required

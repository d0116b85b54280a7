"""Artifacts are verified when they are read."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from simple_recipes import NUMBER, Number

from suite.artifacts import Artifact, Store
from suite.artifacts.files import checksum, sealed, write_json
from suite.artifacts.manifest import FORMAT, MANIFEST, RUN, SEAL, BuiltWith
from suite.engines.build import build_all, versions
from suite.errors import BadArtifact, UsageError


@pytest.fixture
def artifact(store: Store) -> Artifact:
    """A small complete artifact."""
    return build_all(store, [Number(value=7)])[0]


def flipped(path: Path, bit: int) -> None:
    """Flip one bit of a file."""
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


def rewritten(path: Path, *, seal: bool = True, **changes: object) -> None:
    """Change values of a manifest, with a correct checksum of itself or without one."""
    values = {**json.loads(path.read_text()), **changes}
    del values[SEAL]
    write_json(path, sealed(values) if seal else values)


def test_a_complete_artifact_is_read(artifact: Artifact) -> None:
    artifact.verify()
    assert artifact.json(NUMBER) == {"number": 7}
    assert artifact.manifest.step == "test-number"
    assert artifact.run["device"] == "cpu"


def test_every_flipped_bit_of_the_payload_is_detected(artifact: Artifact) -> None:
    path = artifact.path / NUMBER
    for bit in range(8 * path.stat().st_size):
        flipped(path, bit)
        with pytest.raises(BadArtifact, match="checksum"):
            Artifact(artifact.path, artifact.key).json(NUMBER)
        flipped(path, bit)
    Artifact(artifact.path, artifact.key).verify()


def damage_missing(path: Path) -> None:
    (path / NUMBER).unlink()


def damage_no_manifest(path: Path) -> None:
    (path / MANIFEST).write_text("{")


def damage_no_object(path: Path) -> None:
    (path / MANIFEST).write_text("[]")


def damage_other_key(path: Path) -> None:
    rewritten(path / MANIFEST, key="0" * 32)


def damage_other_recipe(path: Path) -> None:
    rewritten(path / MANIFEST, fields={"value": 8, "needs": []})


def damage_unknown_format(path: Path) -> None:
    rewritten(path / MANIFEST, format=FORMAT + 1, seal=False)


def damage_seal(path: Path) -> None:
    (path / MANIFEST).write_text((path / MANIFEST).read_text().replace('"version": 1', '"version": 2'))


def damage_deep(path: Path) -> None:
    (path / MANIFEST).write_text("[" * 100_000)


def damage_outside_name(path: Path) -> None:
    files = json.loads((path / MANIFEST).read_text())["files"]
    rewritten(path / MANIFEST, files={"../escape.json": files[NUMBER]})


def damage_size(path: Path) -> None:
    files = json.loads((path / MANIFEST).read_text())["files"]
    rewritten(path / MANIFEST, files={NUMBER: {**files[NUMBER], "bytes": 1}})


def damage_unlisted(path: Path) -> None:
    rewritten(path / MANIFEST, files={})


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (damage_missing, "cannot be read"),
        (damage_no_manifest, "is not a manifest"),
        (damage_no_object, "is not a manifest"),
        (damage_other_key, "its key is not that of its recipe"),
        (damage_other_recipe, "its key is not that of its recipe"),
        (damage_unknown_format, "format 3 is unknown"),
        (damage_seal, "its own checksum does not match"),
        (damage_deep, "nested too deeply"),
        (damage_outside_name, "'../escape.json' is not a name of a payload file"),
        (damage_size, "checksum"),
        (damage_unlisted, "has no file"),
    ],
)
def test_damage_is_reported(artifact: Artifact, damage: Callable[[Path], None], message: str) -> None:
    damage(artifact.path)
    with pytest.raises(BadArtifact, match=message) as caught:
        Artifact(artifact.path, artifact.key).json(NUMBER)
    assert caught.value.key == artifact.key
    assert "\n" not in str(caught.value)


def test_the_manifest_of_another_artifact_is_detected(store: Store, artifact: Artifact) -> None:
    other = build_all(store, [Number(value=8)])[0]
    shutil.copy(other.path / MANIFEST, artifact.path)
    with pytest.raises(BadArtifact, match=f"is the manifest of {other.key}"):
        Artifact(artifact.path, artifact.key).verify()


def test_a_flipped_bit_in_any_byte_of_the_manifest_is_detected(artifact: Artifact) -> None:
    path = artifact.path / MANIFEST
    for bit in range(0, 8 * path.stat().st_size, 7):
        flipped(path, bit)
        with pytest.raises(BadArtifact):
            Artifact(artifact.path, artifact.key).verify()
        flipped(path, bit)
    Artifact(artifact.path, artifact.key).verify()


def test_a_truncated_manifest_is_detected_at_every_length(artifact: Artifact) -> None:
    path = artifact.path / MANIFEST
    content = path.read_bytes()
    for length in range(len(content) - 1):  # the last byte is a line break
        path.write_bytes(content[:length])
        with pytest.raises(BadArtifact, match="is not a manifest"):
            Artifact(artifact.path, artifact.key).verify()


def test_an_artifact_of_a_newer_suite_is_not_reported_as_damaged(artifact: Artifact) -> None:
    rewritten(artifact.path / MANIFEST, format=FORMAT + 1, something="new")
    with pytest.raises(UsageError, match=r"was written by a newer suite \(format 3, this one reads up to 2\): update"):
        Artifact(artifact.path, artifact.key).verify()


def as_format_1(path: Path, *, seal: bool = True) -> None:
    """Rewrite a manifest as a suite wrote it that did not have ``built_with``."""
    values = json.loads(path.read_text())
    del values[SEAL], values["built_with"]
    values["format"] = 1
    write_json(path, sealed(values) if seal else values)


@pytest.mark.parametrize("seal", [True, False])
def test_a_manifest_of_format_1_is_still_read(artifact: Artifact, seal: bool) -> None:
    as_format_1(artifact.path / MANIFEST, seal=seal)
    found = Artifact(artifact.path, artifact.key)
    found.verify()
    assert found.manifest.format == 1
    assert found.built_with is None


def test_the_checksum_of_a_manifest_of_format_1_is_verified(artifact: Artifact) -> None:
    path = artifact.path / MANIFEST
    as_format_1(path)
    path.write_text(path.read_text().replace('"version": 1', '"version": 2'))
    with pytest.raises(BadArtifact, match="its own checksum does not match"):
        Artifact(artifact.path, artifact.key).verify()


def test_a_manifest_of_format_2_needs_a_checksum_of_itself(artifact: Artifact) -> None:
    rewritten(artifact.path / MANIFEST, seal=False)
    with pytest.raises(BadArtifact, match="its own checksum is missing"):
        Artifact(artifact.path, artifact.key).verify()


def test_an_artifact_states_what_it_was_built_with(artifact: Artifact) -> None:
    assert artifact.built_with is not None
    assert artifact.built_with.device == "cpu"
    assert artifact.built_with.versions == versions()
    assert {"python", "torch", "numpy"} <= artifact.built_with.versions.keys()


def test_what_it_was_built_with_is_covered_by_the_checksum_and_not_by_the_key(artifact: Artifact) -> None:
    path = artifact.path / MANIFEST
    other = {"device": "cuda", "versions": {"torch": "0.0"}}
    rewritten(path, built_with=other)
    found = Artifact(artifact.path, artifact.key)
    found.verify()
    assert found.built_with == BuiltWith.model_validate(other)
    path.write_text(path.read_text().replace('"cuda"', '"mps"'))
    with pytest.raises(BadArtifact, match="its own checksum does not match"):
        Artifact(artifact.path, artifact.key).verify()


@pytest.mark.parametrize("built_with", [{"device": "tpu", "versions": {}}, {"device": "cpu"}, "cpu"])
def test_an_invalid_statement_of_what_it_was_built_with_is_reported(artifact: Artifact, built_with: object) -> None:
    rewritten(artifact.path / MANIFEST, built_with=built_with)
    with pytest.raises(BadArtifact, match=r"is not a manifest \(built_with"):
        Artifact(artifact.path, artifact.key).verify()


@pytest.mark.parametrize("read", ["json", "tensors"])
def test_a_payload_in_another_file_format_is_reported(artifact: Artifact, read: str) -> None:
    (artifact.path / NUMBER).write_text("[{")
    entry = {"bytes": 2, "sha256": checksum(artifact.path / NUMBER)}
    rewritten(artifact.path / MANIFEST, files={NUMBER: entry})
    with pytest.raises(BadArtifact, match=r"number\.json (is not JSON|is not a safetensors file) \("):
        getattr(Artifact(artifact.path, artifact.key), read)(NUMBER)


def test_damaged_run_facts_are_not_returned(artifact: Artifact) -> None:
    path, original = artifact.path / RUN, artifact.run
    for bit in range(0, 8 * path.stat().st_size, 29):
        flipped(path, bit)
        found = Artifact(artifact.path, artifact.key).run
        assert not found or found.items() >= original.items()
        flipped(path, bit)
    assert Artifact(artifact.path, artifact.key).run == original


def test_an_artifact_without_its_run_facts_is_not_damaged(artifact: Artifact) -> None:
    (artifact.path / RUN).write_text("{")
    again = Artifact(artifact.path, artifact.key)
    again.verify()
    assert again.run == {}

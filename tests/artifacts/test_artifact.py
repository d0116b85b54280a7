"""A reader verifies what it reads."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from simple_recipes import NUMBER, Number

from suite.artifacts import Artifact, Store
from suite.artifacts.files import checksum, sealed, write_json
from suite.artifacts.manifest import FORMAT, MANIFEST, RUN, SEAL
from suite.engines.build import build_all
from suite.errors import BadArtifact, UsageError


@pytest.fixture
def artifact(store: Store) -> Artifact:
    """A small whole artifact."""
    return build_all(store, [Number(value=7)])[0]


def flipped(path: Path, bit: int) -> None:
    """Flip one bit of a file."""
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


def rewritten(path: Path, *, seal: bool = True, **changes: object) -> None:
    """Change values of a manifest, and make its checksum hold again."""
    values = {**json.loads(path.read_text()), **changes}
    del values[SEAL]
    write_json(path, sealed(values) if seal else values)


def test_a_whole_artifact_is_read(artifact: Artifact) -> None:
    artifact.verify()
    assert artifact.json(NUMBER) == {"number": 7}
    assert artifact.manifest.step == "test-number"
    assert artifact.run["device"] == "cpu"


def test_every_flipped_bit_of_the_payload_is_noticed(artifact: Artifact) -> None:
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


def damage_no_such_format(path: Path) -> None:
    rewritten(path / MANIFEST, format=FORMAT + 1, seal=False)


def damage_seal(path: Path) -> None:
    (path / MANIFEST).write_text((path / MANIFEST).read_text().replace('"version": 1', '"version": 2'))


def damage_deep(path: Path) -> None:
    (path / MANIFEST).write_text("[" * 100_000)


def damage_leaving_name(path: Path) -> None:
    files = json.loads((path / MANIFEST).read_text())["files"]
    rewritten(path / MANIFEST, files={"../escape.json": files[NUMBER]})


def damage_size(path: Path) -> None:
    files = json.loads((path / MANIFEST).read_text())["files"]
    rewritten(path / MANIFEST, files={NUMBER: {**files[NUMBER], "bytes": 1}})


def damage_unlisted(path: Path) -> None:
    rewritten(path / MANIFEST, files={})


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (damage_missing, "cannot be read"),
        (damage_no_manifest, "is not a manifest"),
        (damage_no_object, "is not a manifest"),
        (damage_other_key, "its key is not that of its recipe"),
        (damage_other_recipe, "its key is not that of its recipe"),
        (damage_no_such_format, "there is no format 2"),
        (damage_seal, "its checksum does not hold"),
        (damage_deep, "nested too deeply"),
        (damage_leaving_name, "'../escape.json' is no name of a payload file"),
        (damage_size, "checksum"),
        (damage_unlisted, "has no file"),
    ],
)
def test_damage_is_named(artifact: Artifact, damage: Callable[[Path], None], words: str) -> None:
    damage(artifact.path)
    with pytest.raises(BadArtifact, match=words) as caught:
        Artifact(artifact.path, artifact.key).json(NUMBER)
    assert caught.value.key == artifact.key
    assert "\n" not in str(caught.value)


def test_the_manifest_of_another_artifact_is_noticed(store: Store, artifact: Artifact) -> None:
    other = build_all(store, [Number(value=8)])[0]
    shutil.copy(other.path / MANIFEST, artifact.path)
    with pytest.raises(BadArtifact, match=f"is the manifest of {other.key}"):
        Artifact(artifact.path, artifact.key).verify()


def test_a_flipped_bit_in_any_byte_of_the_manifest_is_noticed(artifact: Artifact) -> None:
    path = artifact.path / MANIFEST
    for bit in range(0, 8 * path.stat().st_size, 7):
        flipped(path, bit)
        with pytest.raises(BadArtifact):
            Artifact(artifact.path, artifact.key).verify()
        flipped(path, bit)
    Artifact(artifact.path, artifact.key).verify()


def test_a_manifest_cut_short_anywhere_is_noticed(artifact: Artifact) -> None:
    path = artifact.path / MANIFEST
    whole = path.read_bytes()
    for length in range(len(whole) - 1):  # the last byte is a line break
        path.write_bytes(whole[:length])
        with pytest.raises(BadArtifact, match="is not a manifest"):
            Artifact(artifact.path, artifact.key).verify()


def test_what_a_newer_suite_wrote_is_not_called_damaged(artifact: Artifact) -> None:
    rewritten(artifact.path / MANIFEST, format=FORMAT + 1, something="new")
    with pytest.raises(UsageError, match=r"was written by a newer suite \(format 2, this one reads 1\): update"):
        Artifact(artifact.path, artifact.key).verify()


def test_a_manifest_without_a_checksum_of_itself_is_still_read(artifact: Artifact) -> None:
    rewritten(artifact.path / MANIFEST, seal=False)
    Artifact(artifact.path, artifact.key).verify()


@pytest.mark.parametrize("read", ["json", "tensors"])
def test_a_payload_that_is_not_what_its_reader_takes_it_for_is_named(artifact: Artifact, read: str) -> None:
    (artifact.path / NUMBER).write_text("[{")
    promise = {"bytes": 2, "sha256": checksum(artifact.path / NUMBER)}
    rewritten(artifact.path / MANIFEST, files={NUMBER: promise})
    with pytest.raises(BadArtifact, match=r"number\.json (is no JSON|holds no tensors) \("):
        getattr(Artifact(artifact.path, artifact.key), read)(NUMBER)


def test_damaged_facts_of_the_run_are_no_facts(artifact: Artifact) -> None:
    path, whole = artifact.path / RUN, artifact.run
    for bit in range(0, 8 * path.stat().st_size, 29):
        flipped(path, bit)
        found = Artifact(artifact.path, artifact.key).run
        assert not found or found.items() >= whole.items()
        flipped(path, bit)
    assert Artifact(artifact.path, artifact.key).run == whole


def test_facts_of_the_run_are_outside_the_promise(artifact: Artifact) -> None:
    (artifact.path / RUN).write_text("{")
    again = Artifact(artifact.path, artifact.key)
    again.verify()
    assert again.run == {}

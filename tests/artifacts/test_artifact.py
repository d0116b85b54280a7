"""A reader verifies what it reads."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from simple_recipes import NUMBER, Number

from suite.artifacts import Artifact, Store
from suite.artifacts.artifact import FORMAT, MANIFEST, RUN
from suite.engines.build import build_all
from suite.errors import BadArtifact


@pytest.fixture
def artifact(store: Store) -> Artifact:
    """A small whole artifact."""
    return build_all(store, [Number(value=7)])[0]


def flipped(path: Path, bit: int) -> None:
    """Flip one bit of a file."""
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


def rewritten(path: Path, **changes: object) -> None:
    """Change values of a JSON file."""
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_whole_artifact_is_read(artifact: Artifact) -> None:
    artifact.verify()
    assert artifact.json(NUMBER) == {"number": 7}
    assert artifact.manifest["step"] == "test-number"
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


def damage_newer(path: Path) -> None:
    rewritten(path / MANIFEST, format=FORMAT + 1)


def damage_unlisted(path: Path) -> None:
    rewritten(path / MANIFEST, files={})


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (damage_missing, "cannot be read"),
        (damage_no_manifest, "is not a manifest"),
        (damage_no_object, "is not a manifest"),
        (damage_other_key, "is the manifest of 0000"),
        (damage_newer, "update the suite"),
        (damage_unlisted, "has no file"),
    ],
)
def test_damage_is_named(artifact: Artifact, damage: Callable[[Path], None], words: str) -> None:
    damage(artifact.path)
    with pytest.raises(BadArtifact, match=words) as caught:
        Artifact(artifact.path, artifact.key).json(NUMBER)
    assert caught.value.key == artifact.key
    assert "\n" not in str(caught.value)


def test_facts_of_the_run_are_outside_the_promise(artifact: Artifact) -> None:
    (artifact.path / RUN).write_text("{")
    again = Artifact(artifact.path, artifact.key)
    again.verify()
    assert again.run == {}

"""``suite store export`` and ``import``: artifacts are verified on both sides; nothing is written outside the store."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from filled_store import Filled
from simple_recipes import NUMBER, Number, number

from suite.artifacts import Store
from suite.artifacts.manifest import MANIFEST, RUN, sealed
from suite.engines.build import build_all

Suite = Callable[..., tuple[int, list[str], str]]
Members = dict[str, bytes]
RECIPE = Number(value=7)


@pytest.fixture
def other(tmp_path: Path) -> Store:
    """The store to import into; the command creates its directories."""
    return Store(tmp_path / "other")


@pytest.fixture
def exported(store: Store, suite: Suite, tmp_path: Path) -> Path:
    """A zip file with one small artifact."""
    build_all(store, [RECIPE])
    assert suite("export", store, tmp_path / "one.zip")[0] == 0
    return tmp_path / "one.zip"


def members(path: Path) -> Members:
    """Return the content of a zip file, by member name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_zip(path: Path, content: Members, compression: int = zipfile.ZIP_STORED) -> Path:
    """Write a zip file and return its path."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def files(store: Store) -> Members:
    """Return every file of every artifact, by path."""
    root = store.root / "artifacts"
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_import_restores_the_exported_artifacts_byte_for_byte(
    filled: Filled, suite: Suite, other: Store, tmp_path: Path
) -> None:
    code, lines, _ = suite("export", filled.store, tmp_path / "all.zip")
    assert (code, lines) == (0, [f"5 artifacts exported to {tmp_path / 'all.zip'}"])
    code, lines, _ = suite("import", other, tmp_path / "all.zip")
    assert (code, lines) == (0, [f"5 artifacts imported into {other.root}"])
    assert files(other) == files(filled.store)
    assert list((other.root / "tmp").iterdir()) == []
    assert suite("import", other, tmp_path / "all.zip")[1] == [
        f"0 artifacts imported into {other.root}, 5 already stored"
    ]


def test_exporting_twice_writes_the_same_zip(filled: Filled, suite: Suite, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        suite("export", filled.store, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_export_of_a_profile_or_a_key_includes_dependencies(filled: Filled, suite: Suite, tmp_path: Path) -> None:
    for arguments in (
        ("--profile", "smoke", "--cases", filled.cases, "--data-root", filled.root),
        ("--key", filled.smoke[:6]),
    ):
        assert suite("export", filled.store, tmp_path / "some.zip", *arguments)[0] == 0
        keys = {name.split("/")[0] for name in members(tmp_path / "some.zip")}
        assert keys == {filled.smoke, filled.subset, filled.shared}


def test_export_refuses_only_the_damaged_artifact(filled: Filled, suite: Suite, tmp_path: Path) -> None:
    (filled.store.path(filled.alien) / NUMBER).write_text("{}")
    code, lines, _ = suite("export", filled.store, tmp_path / "all.zip")
    assert code == 1
    assert lines[0].startswith(f"REFUSED  {filled.store.path(filled.alien) / NUMBER} does not have the checksum")
    assert lines[1] == f"4 artifacts exported to {tmp_path / 'all.zip'}, 1 refused"
    assert filled.alien not in {name.split("/")[0] for name in members(tmp_path / "all.zip")}


def change_payload(content: Members) -> None:
    content[f"{RECIPE.key}/{NUMBER}"] = content[f"{RECIPE.key}/{NUMBER}"].replace(b"7", b"8")


def drop_payload(content: Members) -> None:
    del content[f"{RECIPE.key}/{NUMBER}"]


def add_file(content: Members) -> None:
    content[f"{RECIPE.key}/more.json"] = b"{}"


def add_file_outside(content: Members) -> None:
    content[f"{RECIPE.key}/../../../escape"] = b"x"


def drop_manifest(content: Members) -> None:
    del content[f"{RECIPE.key}/{MANIFEST}"]


def cut_manifest(content: Members) -> None:
    content[f"{RECIPE.key}/{MANIFEST}"] = content[f"{RECIPE.key}/{MANIFEST}"][:100]


def other_recipe(content: Members) -> None:
    manifest = json.loads(content[f"{RECIPE.key}/{MANIFEST}"])
    del manifest["sha256"]
    content[f"{RECIPE.key}/{MANIFEST}"] = json.dumps(sealed({**manifest, "fields": {"value": 8, "needs": []}})).encode()


def other_key(content: Members) -> None:
    key = "0" * 32
    for name in list(content):
        content[name.replace(RECIPE.key, key)] = content.pop(name)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (change_payload, f"{NUMBER} does not have the checksum its manifest promises"),
        (drop_payload, f"and its manifest do not agree on '{NUMBER}'"),
        (add_file, "and its manifest do not agree on 'more.json'"),
        (add_file_outside, "and its manifest do not agree on '../../../escape'"),
        (drop_manifest, "has no manifest"),
        (cut_manifest, "has no manifest (Expecting property name"),
        (other_recipe, "has no manifest (its key is not that of its recipe)"),
        (other_key, f"has the manifest of {RECIPE.key}"),
    ],
)
def test_import_refuses_only_the_damaged_artifact(
    exported: Path, suite: Suite, other: Store, tmp_path: Path, change: Callable[[Members], None], words: str
) -> None:
    content = members(exported)
    change(content)
    intact = Store(tmp_path / "intact")
    intact.prepare()
    build_all(intact, [Number(value=3)])
    suite("export", intact, tmp_path / "intact.zip")
    code, lines, _ = suite(
        "import", other, write_zip(tmp_path / "two.zip", {**content, **members(tmp_path / "intact.zip")})
    )
    assert code == 1
    (refused,) = [line for line in lines if line.startswith("REFUSED  ")]
    assert words in refused
    assert lines[-1] == f"1 artifact imported into {other.root}, 1 refused"
    assert number(other, Number(value=3)) == 3
    assert other.find(RECIPE) is None
    assert list((other.root / "tmp").iterdir()) == []
    assert not list(tmp_path.rglob("escape"))


def test_import_rejects_a_zip_that_export_did_not_write(
    exported: Path, suite: Suite, other: Store, tmp_path: Path
) -> None:
    content = members(exported)
    original = exported.read_bytes()
    overlong = bytearray(original)
    header = original.index(b"PK\x01\x02")  # the first entry of the central directory
    overlong[header + 20 : header + 24] = overlong[header + 24 : header + 28] = (2**31 - 1).to_bytes(4, "little")
    encrypted = bytearray(original)
    encrypted[header + 8] |= 1
    cases = {
        "is compressed or encrypted, which exports are not": [
            write_zip(tmp_path / "a.zip", content, zipfile.ZIP_DEFLATED).read_bytes(),
            bytes(encrypted),
        ],
        "contains 'notes.txt', which is not a file of an artifact": [
            write_zip(tmp_path / "b.zip", {**content, "notes.txt": b"x"}).read_bytes()
        ],
        "contains '../" + RECIPE.key + "/recipe.json', which is not a file": [
            write_zip(tmp_path / "c.zip", {f"../{RECIPE.key}/recipe.json": b"{}"}).read_bytes()
        ],
        "more than its own size": [bytes(overlong)],
        "cannot be read as a zip": [b"", b"no zip", original[: len(original) // 2]],
    }
    for words, damaged in cases.items():
        for data in damaged:
            (tmp_path / "bad.zip").write_bytes(data)
            code, lines, errors = suite("import", other, tmp_path / "bad.zip")
            assert (code, lines) == (2, [])
            assert words in errors
            assert errors.count("\n") == 1
    duplicated = zipfile.ZipFile(write_zip(tmp_path / "twice.zip", content), "a")
    with duplicated, pytest.warns(UserWarning, match="Duplicate name"):
        duplicated.writestr(f"{RECIPE.key}/{NUMBER}", b"{}")
    assert suite("import", other, tmp_path / "twice.zip")[0] == 2
    assert list(other.keys()) == []


def test_a_flipped_bit_in_a_zip_never_changes_an_imported_payload(
    exported: Path, suite: Suite, other: Store, tmp_path: Path
) -> None:
    original, expected = exported.read_bytes(), members(exported)
    for bit in range(0, 8 * len(original), 61):
        data = bytearray(original)
        data[bit // 8] ^= 1 << bit % 8
        (tmp_path / "bad.zip").write_bytes(data)
        code, lines, errors = suite("import", other, tmp_path / "bad.zip")
        assert code in (0, 1, 2)
        assert len(lines) <= 3
        assert errors.count("\n") <= 1
        for key in list(other.keys()):
            assert (other.path(key) / NUMBER).read_bytes() == expected[f"{RECIPE.key}/{NUMBER}"]
            other.discard(key)


def test_import_drops_a_damaged_run_record(exported: Path, suite: Suite, other: Store, tmp_path: Path) -> None:
    content = {**members(exported), f"{RECIPE.key}/{RUN}": b"{"}
    assert suite("import", other, write_zip(tmp_path / "x.zip", content))[0] == 0
    assert number(other, RECIPE) == 7
    assert other.get(RECIPE).run == {}


def test_import_skips_an_artifact_that_is_being_built(exported: Path, suite: Suite, other: Store) -> None:
    other.prepare()
    with other.lock(RECIPE.key):
        code, lines, _ = suite("import", other, exported)
    assert (code, lines) == (0, [f"0 artifacts imported into {other.root}, 1 being built there now"])


def test_a_failed_export_keeps_the_existing_zip(exported: Path, suite: Suite, store: Store) -> None:
    before = exported.read_bytes()
    exported.with_name(f".{exported.name}.part").mkdir()
    code, _, errors = suite("export", store, exported)
    assert code == 2
    assert "cannot be written (Is a directory)" in errors
    assert exported.read_bytes() == before

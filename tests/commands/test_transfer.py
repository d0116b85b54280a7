"""Export and import: whole artifacts, checked on both sides, and nothing outside of the store."""

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
    """The store that artifacts go to; its folders are made by the command."""
    return Store(tmp_path / "other")


@pytest.fixture
def exported(store: Store, suite: Suite, tmp_path: Path) -> Path:
    """A zip of one small artifact."""
    build_all(store, [RECIPE])
    assert suite("export", store, tmp_path / "one.zip")[0] == 0
    return tmp_path / "one.zip"


def members(path: Path) -> Members:
    """Return what a zip holds."""
    with zipfile.ZipFile(path) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def zipped(path: Path, content: Members, compression: int = zipfile.ZIP_STORED) -> Path:
    """Write a zip."""
    with zipfile.ZipFile(path, "w", compression) as made:
        for name, data in content.items():
            made.writestr(name, data)
    return path


def files(store: Store) -> Members:
    """Return every file of every artifact."""
    root = store.root / "artifacts"
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_what_was_exported_is_imported_byte_for_byte(
    filled: Filled, suite: Suite, other: Store, tmp_path: Path
) -> None:
    code, lines, _ = suite("export", filled.store, tmp_path / "all.zip")
    assert (code, lines) == (0, [f"5 artifacts exported to {tmp_path / 'all.zip'}"])
    code, lines, _ = suite("import", other, tmp_path / "all.zip")
    assert (code, lines) == (0, [f"5 artifacts imported into {other.root}"])
    assert files(other) == files(filled.store)
    assert list((other.root / "tmp").iterdir()) == []
    assert suite("import", other, tmp_path / "all.zip")[1] == [
        f"0 artifacts imported into {other.root}, 5 there already"
    ]


def test_the_same_artifacts_make_the_same_zip(filled: Filled, suite: Suite, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        suite("export", filled.store, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_a_profile_or_a_key_with_all_it_was_made_from_is_exported(filled: Filled, suite: Suite, tmp_path: Path) -> None:
    for arguments in (
        ("--profile", "smoke", "--cases", filled.cases, "--data-root", filled.root),
        ("--key", filled.smoke[:6]),
    ):
        assert suite("export", filled.store, tmp_path / "some.zip", *arguments)[0] == 0
        keys = {name.split("/")[0] for name in members(tmp_path / "some.zip")}
        assert keys == {filled.smoke, filled.subset, filled.shared}


def test_a_damaged_artifact_is_not_exported_and_the_others_are(filled: Filled, suite: Suite, tmp_path: Path) -> None:
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


def add_file_that_leaves(content: Members) -> None:
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
        (add_file_that_leaves, "and its manifest do not agree on '../../../escape'"),
        (drop_manifest, "has no manifest"),
        (cut_manifest, "has no manifest (Unterminated"),
        (other_recipe, "has no manifest (its key is not that of its recipe)"),
        (other_key, f"has the manifest of {RECIPE.key}"),
    ],
)
def test_a_damaged_artifact_is_refused_in_one_line_and_the_others_are_taken(
    exported: Path, suite: Suite, other: Store, tmp_path: Path, change: Callable[[Members], None], words: str
) -> None:
    content = members(exported)
    change(content)
    fine = Store(tmp_path / "fine")
    fine.prepare()
    build_all(fine, [Number(value=3)])
    suite("export", fine, tmp_path / "fine.zip")
    code, lines, _ = suite("import", other, zipped(tmp_path / "two.zip", {**content, **members(tmp_path / "fine.zip")}))
    assert code == 1
    (refused,) = [line for line in lines if line.startswith("REFUSED  ")]
    assert words in refused
    assert lines[-1] == f"1 artifact imported into {other.root}, 1 refused"
    assert number(other, Number(value=3)) == 3
    assert other.find(RECIPE) is None
    assert list((other.root / "tmp").iterdir()) == []
    assert not list(tmp_path.rglob("escape"))


def test_a_zip_that_no_export_made_is_refused_as_a_whole(
    exported: Path, suite: Suite, other: Store, tmp_path: Path
) -> None:
    content = members(exported)
    whole = exported.read_bytes()
    overlong = bytearray(whole)
    at = whole.index(b"PK\x01\x02")
    overlong[at + 20 : at + 24] = overlong[at + 24 : at + 28] = (2**31 - 1).to_bytes(4, "little")
    encrypted = bytearray(whole)
    encrypted[at + 8] |= 1
    cases = {
        "is compressed or encrypted, as no export is": [
            zipped(tmp_path / "a.zip", content, zipfile.ZIP_DEFLATED).read_bytes(),
            bytes(encrypted),
        ],
        "holds 'notes.txt', no file of an artifact": [
            zipped(tmp_path / "b.zip", {**content, "notes.txt": b"x"}).read_bytes()
        ],
        "holds '../" + RECIPE.key + "/recipe.json', no file": [
            zipped(tmp_path / "c.zip", {f"../{RECIPE.key}/recipe.json": b"{}"}).read_bytes()
        ],
        "more than it is long": [bytes(overlong)],
        "cannot be read as a zip": [b"", b"no zip", whole[: len(whole) // 2]],
    }
    for words, damaged in cases.items():
        for data in damaged:
            (tmp_path / "bad.zip").write_bytes(data)
            code, lines, errors = suite("import", other, tmp_path / "bad.zip")
            assert (code, lines) == (2, [])
            assert words in errors
            assert errors.count("\n") == 1
    made = zipfile.ZipFile(zipped(tmp_path / "twice.zip", content), "a")
    with made, pytest.warns(UserWarning, match="Duplicate name"):
        made.writestr(f"{RECIPE.key}/{NUMBER}", b"{}")
    assert suite("import", other, tmp_path / "twice.zip")[0] == 2
    assert list(other.keys()) == []


def test_any_flipped_bit_in_an_exported_zip_is_noticed_or_harmless(
    exported: Path, suite: Suite, other: Store, tmp_path: Path
) -> None:
    whole, good = exported.read_bytes(), members(exported)
    for bit in range(0, 8 * len(whole), 61):
        data = bytearray(whole)
        data[bit // 8] ^= 1 << bit % 8
        (tmp_path / "bad.zip").write_bytes(data)
        code, lines, errors = suite("import", other, tmp_path / "bad.zip")
        assert code in (0, 1, 2)
        assert len(lines) <= 3
        assert errors.count("\n") <= 1
        for key in list(other.keys()):
            assert (other.path(key) / NUMBER).read_bytes() == good[f"{RECIPE.key}/{NUMBER}"]
            other.discard(key)


def test_damaged_facts_of_a_run_are_left_behind(exported: Path, suite: Suite, other: Store, tmp_path: Path) -> None:
    content = {**members(exported), f"{RECIPE.key}/{RUN}": b"{"}
    assert suite("import", other, zipped(tmp_path / "x.zip", content))[0] == 0
    assert number(other, RECIPE) == 7
    assert other.get(RECIPE).run == {}


def test_what_is_being_built_there_is_left_to_its_builder(exported: Path, suite: Suite, other: Store) -> None:
    other.prepare()
    with other.lock(RECIPE.key):
        code, lines, _ = suite("import", other, exported)
    assert (code, lines) == (0, [f"0 artifacts imported into {other.root}, 1 being built there now"])


def test_an_export_that_fails_leaves_the_zip_that_was_there(exported: Path, suite: Suite, store: Store) -> None:
    before = exported.read_bytes()
    exported.with_name(f".{exported.name}.part").mkdir()
    code, _, errors = suite("export", store, exported)
    assert code == 2
    assert "cannot be written (Is a directory)" in errors
    assert exported.read_bytes() == before

"""``suite store``: list, verify and prune. Export and import are tested in test_transfer.py."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filled_store import Filled
from simple_recipes import NUMBER, Number

from suite.__main__ import main
from suite.artifacts import Store
from suite.artifacts.files import write_json
from suite.artifacts.manifest import MANIFEST, RUN, sealed
from suite.engines.build import build_all

Suite = Callable[..., tuple[int, list[str], str]]


def test_list_prints_one_line_per_step(filled: Filled, suite: Suite) -> None:
    code, lines, _ = suite("list", filled.store)
    assert code == 0
    counts = {line.split()[0]: line.split()[1] for line in lines if line.startswith(("real-", "test-", "classifier"))}
    assert counts == {"real-images": "1", "real-subset": "2", "test-number": "1", "classifier": "1"}
    assert lines[-1].startswith("5 artifacts, ")


def test_list_with_keys_prints_every_artifact(filled: Filled, suite: Suite) -> None:
    (filled.store.root / "damaged" / "x.0").mkdir()
    (filled.store.root / "damaged" / "x.0" / "big").write_bytes(bytes(5000))
    _, lines, _ = suite("list", filled.store, "--keys")
    assert {line.split()[0] for line in lines[2:] if len(line.split()[0]) == 32} == filled.keys
    assert lines[0].split() == ["key", "stored", "size", "artifact"]
    assert any(line.endswith("photos fit subset") for line in lines)
    assert lines[-1] == "1 set aside as damaged, 5.0 kB"


def test_verify_accepts_an_undamaged_store(filled: Filled, suite: Suite) -> None:
    assert suite("verify", filled.store)[:2] == (0, ["5 artifacts intact, 0 damaged"])


def test_verify_finds_a_flipped_bit_in_any_file_of_any_artifact(filled: Filled, suite: Suite) -> None:
    files = [path for key in sorted(filled.keys) for path in filled.store.path(key).iterdir()]
    assert len(files) == 3 * 5
    for path in files:
        original = path.read_bytes()
        middle = len(original) // 2
        path.write_bytes(original[:middle] + bytes([original[middle] ^ 4]) + original[middle + 1 :])
        code, lines, _ = suite("verify", filled.store)
        path.write_bytes(original)
        if path.name == RUN:
            assert code == 0
            assert lines[0] == (
                f"note     {path.parent} has no readable run record (build time, device); nothing depends on it"
            )
        else:
            assert code == 1
            assert lines[0].startswith(f"DAMAGED  {path} ")
            assert lines[-1].startswith("4 artifacts intact, 1 damaged")
    assert suite("verify", filled.store)[0] == 0


def test_verify_sets_aside_only_damaged_artifacts(filled: Filled, suite: Suite) -> None:
    path = filled.store.path(filled.alien)
    (path / NUMBER).write_text("{}")
    code, lines, _ = suite("verify", filled.store, "--set-aside")
    assert code == 1
    assert lines[0].endswith(f"set aside as {filled.store.root / 'damaged' / filled.alien}.0")
    assert filled.alien not in filled.keys
    assert suite("verify", filled.store)[:2] == (0, ["4 artifacts intact, 0 damaged"])


def test_verify_keeps_an_artifact_written_by_a_newer_version(filled: Filled, suite: Suite) -> None:
    write_json(filled.store.path(filled.alien) / MANIFEST, sealed({"format": 7, "anything": "new"}))
    code, lines, _ = suite("verify", filled.store, "--set-aside")
    assert code == 0
    assert "was written by a newer suite (format 7, this one reads up to 2)" in lines[0]
    assert filled.alien in filled.keys


@pytest.mark.parametrize(
    ("conditions", "removed"),
    [
        (("--unreached",), {"old", "alien"}),
        (("--profile", "smoke"), {"smoke"}),
        (("--older-than", "30"), set()),
        (("--older-than", "0"), {"smoke", "subset", "shared", "old", "alien"}),
        (("--older-than", "0", "--unreached"), {"old", "alien"}),
    ],
)
def test_prune_removes_the_selected_artifacts_only_with_yes(
    filled: Filled, suite: Suite, conditions: tuple[str, ...], removed: set[str]
) -> None:
    before = filled.keys
    arguments = (*conditions, "--cases", filled.cases, "--data-root", filled.root)
    selected = {getattr(filled, name) for name in removed}
    code, lines, _ = suite("prune", filled.store, *arguments)
    assert code == 0
    assert lines[-1].startswith(f"{len(selected)} artifact")
    assert lines[-1].endswith("would be removed; nothing was removed: add --yes to remove them")
    assert filled.keys == before
    assert suite("prune", filled.store, *arguments, "--yes")[0] == 0
    assert filled.keys == before - selected


def test_prune_keeps_artifacts_of_a_dataset_that_cannot_be_planned_here(filled: Filled, suite: Suite) -> None:
    (filled.root / "photos").rename(filled.root / "others")
    code, lines, _ = suite(
        "prune", filled.store, "--unreached", "--cases", filled.cases, "--data-root", filled.root, "--yes"
    )
    assert code == 0
    assert filled.alien not in filled.keys
    assert {filled.old, filled.smoke, filled.shared} <= filled.keys
    assert any(line.startswith("kept: artifacts of digits, because ") for line in lines), "digits were not read yet"


def test_prune_keeps_an_artifact_whose_sources_are_unknown(filled: Filled, suite: Suite) -> None:
    filled.store.discard(filled.shared)
    suite("prune", filled.store, "--unreached", "--cases", filled.cases, "--data-root", filled.root, "--yes")
    assert filled.old in filled.keys


def test_prune_plans_with_the_given_options(filled: Filled, suite: Suite) -> None:
    """Which artifacts are reached depends on the options of the runs, so prune accepts the same options."""
    arguments = ("--profile", "smoke", "--cases", filled.cases, "--data-root", filled.root)
    assert "1 artifact," in suite("prune", filled.store, *arguments)[1][-1]
    assert "0 artifacts," in suite("prune", filled.store, *arguments, "--image-size", "16")[1][-1]


def test_prune_keeps_artifacts_that_are_being_built(filled: Filled, suite: Suite) -> None:
    busy = Number(value=5).key
    idle = filled.store.workspace("0" * 32)
    (filled.store.workspace(busy) / "scratch" / "checkpoint").touch()
    (filled.store.root / "damaged" / f"{filled.old}.0").mkdir()
    contents = [filled.store.root / "contents", filled.store.root / "downloads" / "contents"]
    for folder in contents:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("pixels-0-8-1.safetensors", ".pixels-0-8-.machine.1", "kept.json"):
            (folder / name).touch()
    with filled.store.lock(busy), filled.store.lock(filled.alien):
        code, lines, _ = suite("prune", filled.store, "--leftovers", "--older-than", "0", "--yes")
    assert code == 0
    assert lines[-1].endswith("removed; 1 kept because they are being built")
    assert filled.keys == {filled.alien}
    assert not idle.exists()
    assert (filled.store.root / "tmp" / busy / "scratch" / "checkpoint").exists()
    assert list((filled.store.root / "damaged").iterdir()) == []
    for folder in contents:
        assert [path.name for path in folder.iterdir() if "pixels" in path.name] == []
        assert (folder / "kept.json").exists()


@pytest.mark.parametrize(
    ("command", "arguments", "words"),
    [
        ("prune", (), "nothing is selected: give --older-than DAYS, --profile NAME, --unreached or --leftovers"),
        ("prune", ("--unreached", "--cases", "nowhere"), "nowhere is not a directory: give --cases"),
        ("prune", ("--unreached", "--data-root", "nowhere"), "nowhere"),
        ("export", ("x.zip", "--key", "zz"), "begins with 'zz': suite store list --keys shows the keys"),
        ("export", ("no/x.zip",), "no/x.zip cannot be written (No such file or directory): choose another place"),
        ("import", ("x.zip",), "x.zip cannot be read as a zip"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_two(
    filled: Filled,
    suite: Suite,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    command: str,
    arguments: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, lines, errors = suite(command, filled.store, *arguments)
    assert code == 2
    assert lines == []
    assert errors.startswith("error: ")
    assert words in errors
    assert errors.count("\n") == 1


def test_a_directory_that_is_not_a_store_is_an_error_and_is_not_created(tmp_path: Path, suite: Suite) -> None:
    for command in ("list", "verify"):
        code, _, errors = suite(command, Store(tmp_path / "nowhere"))
        assert code == 2
        assert errors == f"error: {tmp_path / 'nowhere'} is not a store: give --store DIR, or set SUITE_STORE\n"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("days", ["-1", "nan", "inf", "soon"])
def test_an_invalid_age_is_rejected(store: Store, capsys: pytest.CaptureFixture[str], days: str) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(["store", "prune", "--store", str(store.root), f"--older-than={days}"])
    assert exit_info.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith(f"{days!r}: expected a number of days, 0 or more")


def test_the_store_can_be_set_in_the_environment(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    build_all(store, [Number(value=1)])
    monkeypatch.setenv("SUITE_STORE", str(store.root))
    assert main(["store", "verify"]) == 0


PROGRAM = """
import sys
from suite.__main__ import main
code = main(sys.argv[1:])
print(code, sorted({"torch", "scipy", "matplotlib", "torchvision"} & set(sys.modules)))
"""


def test_prune_plans_without_heavy_imports(filled: Filled) -> None:
    command = [sys.executable, "-c", PROGRAM, "store", "prune", "--unreached", "--store", str(filled.store.root)]
    completed = subprocess.run(
        [*command, "--cases", str(filled.cases), "--data-root", str(filled.root)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert completed.stdout.splitlines()[-1] == "0 []"

"""``suite store``: list, verify, prune; export and import have a file of their own."""

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


def test_list_sums_up_a_line_a_step(filled: Filled, suite: Suite) -> None:
    code, lines, _ = suite("list", filled.store)
    assert code == 0
    counts = {line.split()[0]: line.split()[1] for line in lines if line.startswith(("real-", "test-", "classifier"))}
    assert counts == {"real-images": "1", "real-subset": "2", "test-number": "1", "classifier": "1"}
    assert lines[-1].startswith("5 artifacts, ")


def test_list_names_every_artifact(filled: Filled, suite: Suite) -> None:
    (filled.store.root / "damaged" / "x.0").mkdir()
    (filled.store.root / "damaged" / "x.0" / "big").write_bytes(bytes(5000))
    _, lines, _ = suite("list", filled.store, "--keys")
    assert {line.split()[0] for line in lines[2:] if len(line.split()[0]) == 32} == filled.keys
    assert any(line.endswith("photos fit subset") for line in lines)
    assert lines[-1] == "1 set aside as damaged, 5.0 kB"


def test_verify_passes_a_whole_store(filled: Filled, suite: Suite) -> None:
    assert suite("verify", filled.store)[:2] == (0, ["5 artifacts whole, 0 damaged"])


def test_verify_names_a_flipped_bit_in_every_file_of_every_artifact(filled: Filled, suite: Suite) -> None:
    files = [path for key in sorted(filled.keys) for path in filled.store.path(key).iterdir()]
    assert len(files) == 3 * 5
    for path in files:
        whole = path.read_bytes()
        at = len(whole) // 2
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        code, lines, _ = suite("verify", filled.store)
        path.write_bytes(whole)
        if path.name == RUN:
            assert code == 0
            assert lines[0] == f"note     {path.parent} has lost the facts of its run, on which nothing depends"
        else:
            assert code == 1
            assert lines[0].startswith(f"DAMAGED  {path} ")
            assert lines[-1].startswith("4 artifacts whole, 1 damaged")
    assert suite("verify", filled.store)[0] == 0


def test_verify_sets_aside_what_is_damaged_and_nothing_else(filled: Filled, suite: Suite) -> None:
    path = filled.store.path(filled.alien)
    (path / NUMBER).write_text("{}")
    code, lines, _ = suite("verify", filled.store, "--set-aside")
    assert code == 1
    assert lines[0].endswith(f"set aside as {filled.store.root / 'damaged' / filled.alien}.0")
    assert filled.alien not in filled.keys
    assert suite("verify", filled.store)[:2] == (0, ["4 artifacts whole, 0 damaged"])


def test_verify_leaves_what_a_newer_suite_wrote(filled: Filled, suite: Suite) -> None:
    write_json(filled.store.path(filled.alien) / MANIFEST, sealed({"format": 7, "anything": "new"}))
    code, lines, _ = suite("verify", filled.store, "--set-aside")
    assert code == 0
    assert "was written by a newer suite (format 7, this one reads 1)" in lines[0]
    assert filled.alien in filled.keys


@pytest.mark.parametrize(
    ("chosen", "gone"),
    [
        (("--unreached",), {"old", "alien"}),
        (("--profile", "smoke"), {"smoke"}),
        (("--older-than", "30"), set()),
        (("--older-than", "0"), {"smoke", "subset", "shared", "old", "alien"}),
        (("--older-than", "0", "--unreached"), {"old", "alien"}),
    ],
)
def test_prune_shows_first_and_then_removes_what_was_chosen(
    filled: Filled, suite: Suite, chosen: tuple[str, ...], gone: set[str]
) -> None:
    before = filled.keys
    arguments = (*chosen, "--cases", filled.cases, "--data-root", filled.root)
    going = {getattr(filled, name) for name in gone}
    code, lines, _ = suite("prune", filled.store, *arguments)
    assert code == 0
    assert lines[-1].startswith(f"{len(going)} artifact")
    assert lines[-1].endswith("would go; nothing was removed: say --yes")
    assert filled.keys == before
    assert suite("prune", filled.store, *arguments, "--yes")[0] == 0
    assert filled.keys == before - going


def test_prune_keeps_what_rests_on_a_dataset_that_cannot_be_planned_here(filled: Filled, suite: Suite) -> None:
    (filled.root / "photos").rename(filled.root / "others")
    code, lines, _ = suite(
        "prune", filled.store, "--unreached", "--cases", filled.cases, "--data-root", filled.root, "--yes"
    )
    assert code == 0
    assert filled.alien not in filled.keys
    assert {filled.old, filled.smoke, filled.shared} <= filled.keys
    assert any(line.startswith("kept: what rests on digits, ") for line in lines), "it was not read yet"


def test_prune_keeps_what_no_longer_tells_what_it_rests_on(filled: Filled, suite: Suite) -> None:
    filled.store.discard(filled.shared)
    suite("prune", filled.store, "--unreached", "--cases", filled.cases, "--data-root", filled.root, "--yes")
    assert filled.old in filled.keys


def test_prune_reaches_further_with_more_seeds(filled: Filled, suite: Suite) -> None:
    """What is reached depends on what runs are told, which is told to prune too."""
    arguments = ("--profile", "smoke", "--cases", filled.cases, "--data-root", filled.root)
    assert "1 artifact," in suite("prune", filled.store, *arguments)[1][-1]
    assert "0 artifacts," in suite("prune", filled.store, *arguments, "--image-size", "16")[1][-1]


def test_prune_leaves_what_is_being_built(filled: Filled, suite: Suite) -> None:
    busy = Number(value=5).key
    idle = filled.store.workspace("0" * 32)
    (filled.store.workspace(busy) / "scratch" / "checkpoint").touch()
    (filled.store.root / "damaged" / f"{filled.old}.0").mkdir()
    with filled.store.lock(busy), filled.store.lock(filled.alien):
        code, lines, _ = suite("prune", filled.store, "--leftovers", "--older-than", "0", "--yes")
    assert code == 0
    assert lines[-1].endswith("removed; 1 stayed, for they are being built")
    assert filled.keys == {filled.alien}
    assert not idle.exists()
    assert (filled.store.root / "tmp" / busy / "scratch" / "checkpoint").exists()
    assert list((filled.store.root / "damaged").iterdir()) == []


@pytest.mark.parametrize(
    ("command", "arguments", "words"),
    [
        ("prune", (), "say what may go: --older-than DAYS, --profile NAME, --unreached or --leftovers"),
        ("prune", ("--unreached", "--cases", "nowhere"), "nowhere is no directory: give --cases"),
        ("prune", ("--unreached", "--data-root", "nowhere"), "nowhere"),
        ("export", ("x.zip", "--key", "zz"), "begins with 'zz': suite store list --keys shows them"),
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


def test_what_is_no_store_is_said_and_not_made(tmp_path: Path, suite: Suite) -> None:
    for command in ("list", "verify"):
        code, _, errors = suite(command, Store(tmp_path / "nowhere"))
        assert (code, errors) == (2, f"error: {tmp_path / 'nowhere'} is no store: give --store, or set SUITE_STORE\n")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("days", ["-1", "nan", "inf", "soon"])
def test_an_age_that_cannot_be_is_refused(store: Store, capsys: pytest.CaptureFixture[str], days: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["store", "prune", "--store", str(store.root), f"--older-than={days}"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith(f"{days!r}: give a number of days")


def test_the_environment_names_the_store(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    build_all(store, [Number(value=1)])
    monkeypatch.setenv("SUITE_STORE", str(store.root))
    assert main(["store", "verify"]) == 0


def test_one_command_has_all_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    printed = capsys.readouterr().out
    assert "suite datasets" in printed
    assert "suite store" in printed
    assert main([]) == 2
    assert main(["nonsense"]) == 2
    assert main(["datasets", "list"]) == 0
    assert "digits" in capsys.readouterr().out


PROGRAM = """
import sys
from suite.__main__ import main
code = main(sys.argv[1:])
print(code, sorted({"torch", "scipy", "matplotlib", "torchvision"} & set(sys.modules)))
"""


def test_prune_plans_without_anything_heavy(filled: Filled) -> None:
    command = [sys.executable, "-c", PROGRAM, "store", "prune", "--unreached", "--store", str(filled.store.root)]
    found = subprocess.run(
        [*command, "--cases", str(filled.cases), "--data-root", str(filled.root)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert found.stdout.splitlines()[-1] == "0 []"

"""Bad input over datasets, archives, manifests, results, rows, settings and plugins: one clear line, and no success."""

from collections.abc import Callable
from pathlib import Path

import pytest
from bad_datasets import ARCHIVES, DATASETS
from bad_files import MANIFESTS, Bad, Bench, readers

from suite.__main__ import main
from suite.errors import SuiteError

GIVEN = list(readers())


@pytest.fixture
def context(tmp_path: Path) -> Bench:
    """Where bad input is made."""
    return Bench(tmp_path)


def told(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, list[str]]:
    """Run a command of the suite, and return its exit code and what it said of trouble."""
    capsys.readouterr()
    code = main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    lines = [line for line in printed.out.splitlines() if line.startswith(("SERIOUS", "DAMAGED"))]
    return code, lines + printed.err.splitlines()


@pytest.mark.parametrize(
    ("name", "bad"),
    [*(("photos", bad) for bad in DATASETS), *(("bad", bad) for bad in ARCHIVES)],
    ids=lambda value: value.what if isinstance(value, Bad) else value,
)
def test_a_dataset(context: Bench, capsys: pytest.CaptureFixture[str], name: str, bad: Bad) -> None:
    bad.make(context)
    code, lines = told(
        capsys, "datasets", "check", name, "--data-root", context.root, "--cache", context.folder / "cache"
    )
    assert code in (1, 2)
    assert len(lines) == 1, lines
    assert bad.words in lines[0]
    assert str(context.root) in lines[0], "it says where"


@pytest.mark.parametrize("bad", MANIFESTS, ids=lambda bad: bad.what)
def test_a_manifest(context: Bench, capsys: pytest.CaptureFixture[str], bad: Bad) -> None:
    bad.make(context)
    code, lines = told(capsys, "store", "verify", "--store", context.store.root)
    assert code == 1
    assert len(lines) == 1, lines
    assert bad.words in lines[0]
    assert str(context.artifact) in lines[0], "it says where"


@pytest.mark.parametrize(
    ("bad", "read"), [(bad, read) for _, bad, read in GIVEN], ids=[f"{g}: {b.what}" for g, b, _ in GIVEN]
)
def test_what_a_function_reads(context: Bench, bad: Bad, read: Callable[[Bench], object]) -> None:
    with pytest.raises(SuiteError) as caught:
        read(context)
    line = str(caught.value)
    assert bad.words in line
    assert "\n" not in line
    assert line.isprintable()


def test_the_healthy_ones_pass(context: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "store", "verify", "--store", context.store.root) == (0, [])
    code, lines = told(
        capsys, "datasets", "check", "photos", "--data-root", context.root, "--cache", context.folder / "cache"
    )
    assert (code, lines) == (0, [])


def test_there_are_many() -> None:
    assert len(DATASETS) + len(ARCHIVES) + len(MANIFESTS) + len(GIVEN) >= 60

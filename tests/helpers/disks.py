"""Small and read-only disks, as real mounts; tests are skipped where mounting is not permitted."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _mount(*arguments: str | Path) -> None:
    try:
        result = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False)
    except OSError as error:
        pytest.skip(f"mount cannot be run ({error.strerror}): run the tests on Linux, as root")
    if result.returncode:
        pytest.skip(f"mounting is not permitted ({result.stderr.strip()}): run the tests as root")


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """Mount an empty disk of ``size`` bytes at ``folder``; skip the test if mounting is not permitted."""
    folder.mkdir(exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """Make ``folder`` read-only for every user; skip the test if mounting is not permitted."""
    _mount("--bind", folder, folder)
    try:
        _mount("-o", "remount,ro,bind", folder)
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, leave: int = 0) -> Path:
    """Fill a small disk except for ``leave`` bytes, and return the file that fills it."""
    filler = folder / "filler"
    state = os.statvfs(folder)
    with filler.open("wb") as file:
        file.write(bytes(max(0, state.f_bavail * state.f_frsize - leave)))
    return filler

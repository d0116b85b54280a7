"""Artifacts and reports of a run have no secrets, no home directories and no executable content."""

import json
import zipfile
from pathlib import Path

import pytest
from plugin_project import CASE, Project, write_dataset

pytestmark = pytest.mark.slow

SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMIsecret1",
    "HF_TOKEN": "hf_verysecret2",
    "WANDB_API_KEY": "0123secret3",
    "MY_PASSWORD": "correct-horse-secret4",
}
FIRST_BYTES = {
    ".json": (b"{", b"["),
    ".png": (b"\x89PNG",),
    ".svg": (b"<?xml", b"<svg"),
    ".webp": (b"RIFF",),
    ".md": (b"",),
    ".csv": (b"",),
    ".tex": (b"",),
    ".html": (b"<!doctype html>", b"<!DOCTYPE html>"),
    ".zip": (b"PK\x03\x04",),
}


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below a folder, and of the members of zips, by name."""
    contents = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for path in folder.rglob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            contents |= {f"{path.name}/{name}": archive.read(name) for name in archive.namelist()}
    return contents


@pytest.fixture
def run_files(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """All files of the artifacts and of the report of a run in which one case passed and one failed."""
    home = tmp_path / "home" / "marie-curie"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    root = write_dataset(home / "data")
    write_dataset(home / "data", name="damaged")
    (root / "damaged" / "train" / "red" / "0.png").write_bytes(b"\x89PNG damaged")
    result = project.run("-k", "photos-org or damaged-org", *CASE[2:], "--data-root", root)
    result.assert_outcomes(passed=1, errors=1)
    return {**files(project.store / "artifacts"), **files(project.path / "reports")}


def test_files_of_a_run_have_no_secrets_and_no_executable_content(run_files: dict[str, bytes]) -> None:
    assert len(run_files) > 30
    for name, content in run_files.items():
        for secret in (*SECRETS.values(), *SECRETS, "marie-curie"):
            assert secret.encode() not in content, name
    cells = json.loads(run_files["smoke/results.json"])["cells"]
    (reason,) = {cell["reason"] for cell in cells if cell["dataset"] == "damaged" and cell["mode"] == "org"}
    assert reason.startswith("~/data/damaged/train/red/0.png is not a readable image"), (
        "not relative to the home directory"
    )
    for name, content in run_files.items():
        suffix = Path(name).suffix
        if suffix == ".safetensors":
            length = int.from_bytes(content[:8], "little")
            assert isinstance(json.loads(content[8 : 8 + length]), dict), name
        else:
            assert content.startswith(FIRST_BYTES[suffix]), name
        assert not content.startswith(tuple(bytes([128, version]) for version in range(2, 6))), f"{name} is a pickle"

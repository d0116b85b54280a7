"""A whole run leaves nothing behind that could run, and nothing that says whose machine it was made on."""

import json
import zipfile
from pathlib import Path

import pytest
from plugin_project import CASE, Project, paint

pytestmark = pytest.mark.slow

SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMIsecret1",
    "HF_TOKEN": "hf_verysecret2",
    "WANDB_API_KEY": "0123secret3",
    "MY_PASSWORD": "correct-horse-secret4",
}
BEGINNINGS = {
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
    """Return every file below a folder, and every file in a zip among them."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for path in folder.rglob("*.zip"):
        with zipfile.ZipFile(path) as opened:
            found |= {f"{path.name}/{name}": opened.read(name) for name in opened.namelist()}
    return found


@pytest.fixture
def made(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Every file of the artifacts and of the report of a run in which one case went well and one did not."""
    home = tmp_path / "home" / "marie-curie"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    root = paint(home / "data")
    paint(home / "data", name="torn")
    (root / "torn" / "train" / "red" / "0.png").write_bytes(b"\x89PNG torn")
    found = project.run("-k", "photos-org or torn-org", *CASE[2:], "--data-root", root)
    found.assert_outcomes(passed=1, errors=1)
    return {**files(project.store / "artifacts"), **files(project.path / "reports")}


def test_no_secret_and_no_home_in_manifests_and_reports_and_nothing_that_could_run(made: dict[str, bytes]) -> None:
    assert len(made) > 30
    for name, content in made.items():
        for secret in (*SECRETS.values(), *SECRETS, "marie-curie"):
            assert secret.encode() not in content, name
    cells = json.loads(made["smoke/results.json"])["cells"]
    (reason,) = {cell["reason"] for cell in cells if cell["dataset"] == "torn" and cell["mode"] == "org"}
    assert reason.startswith("~/data/torn/train/red/0.png is no image"), "it still says where"
    for name, content in made.items():
        suffix = Path(name).suffix
        if suffix == ".safetensors":
            length = int.from_bytes(content[:8], "little")
            assert isinstance(json.loads(content[8 : 8 + length]), dict), name
        else:
            assert content.startswith(BEGINNINGS[suffix]), name
        assert not content.startswith(tuple(bytes([128, version]) for version in range(2, 6))), f"{name} is a pickle"

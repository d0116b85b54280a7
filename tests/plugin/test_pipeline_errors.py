"""A pipeline that cannot be had: one line that stands under its cell, and the other cells run."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from plugin_project import Project

from suite.planning.profiles import load_profile

MODEL = load_profile("paper").base.generator["sd"]["model"]
QUICK = ("--profile", "paper", "--seeds", "1", "--limit-steps", "1", "--image-size", "8")


@pytest.fixture
def photos(project: Project, data_root: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a row of photos, on a machine that never fetched a pipeline."""
    monkeypatch.setenv("HF_HUB_CACHE", str(project.path / "hub"))
    monkeypatch.setenv("SUITE_DATA_ROOT", str(data_root))
    (project.path / "cases" / "photos.toml").write_text('generators = ["sd", "cd"]\n', encoding="utf-8")
    return project


@pytest.fixture
def gated() -> Iterator[str]:
    """A hub that wants its terms accepted, whatever it is asked for: its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(403)
            self.send_header("X-Error-Code", "GatedRepo")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def statuses(project: Project) -> dict[str, str]:
    """Return the status of each cell of photos in the report."""
    results = json.loads((project.path / "reports" / "paper" / "results.json").read_text("utf-8"))
    cells = [cell for cell in results["cells"] if cell["dataset"] == "photos"]
    return {"-".join(filter(None, (cell["generator"], cell["mode"]))): cell["status"] for cell in cells}


def test_without_network_and_leave_the_cells_are_skipped_with_the_remedy(photos: Project) -> None:
    found = photos.run_here("-k", "photos-sd and test_case", *QUICK, "-rs")
    assert found.ret == 0
    found.assert_outcomes(skipped=2)
    text = " ".join(found.stdout.str().split())
    cells = "photos-sd-syn, photos-sd-mix, photos-sd (discriminator)"
    assert f"missing: {cells}: {MODEL} at 451f4fe1 is not on this machine: allow --download, or fetch it" in text
    assert {name: status for name, status in statuses(photos).items() if status != "not run"} == {
        "sd-syn": "unavailable",
        "sd-mix": "unavailable",
    }


@pytest.mark.thorough
def test_a_gated_model_fails_its_cells_and_a_cut_training_deviates_from_nothing(
    photos: Project, gated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", gated)
    with (photos.path / "cases" / "photos.toml").open("a", encoding="utf-8") as row:
        row.write("[paper]\norg = 99.5\n[expected.paper]\norg = [99, 99.9]\n")
    found = photos.run("-k", "photos-org or photos-sd-syn", "--download", *QUICK)
    assert found.ret == pytest.ExitCode.TESTS_FAILED
    found.assert_outcomes(passed=1, errors=1)
    line = f"sd, samples of 'a photo of a blue' to 'a photo of a red', seed 0: {MODEL} is gated: accept its terms at *"
    found.stdout.fnmatch_lines(["*test_case?photos-sd-syn?*", line])
    assert "Traceback" not in found.stdout.str()
    assert {name: statuses(photos)[name] for name in ("org", "sd-syn")} == {"org": "done", "sd-syn": "failed"}
    assert "lies outside" not in found.stdout.str(), "nothing is expected of a few steps"


def test_a_class_without_a_prompt_fails_its_cells_and_no_other(photos: Project, data_root: Path) -> None:
    for split in ("train", "test"):
        (data_root / "photos" / split / "red").rename(data_root / "photos" / split / "_")
    found = photos.run_here("-k", "photos-sd-syn")
    assert found.ret == pytest.ExitCode.TESTS_FAILED
    line = "sd on photos: class '_' has no prompt (no name): give the dataset templates with {} for the class name, *"
    found.stdout.fnmatch_lines(["*ERROR at setup of test_case?photos-sd-syn?*", line])
    planned = photos.run_here("-k", "photos and test_case and not mix", "--plan", "--seeds", "1")
    lines = planned.outlines
    assert planned.ret == pytest.ExitCode.TESTS_FAILED
    assert [lines[lines.index(cell) + 1].split()[0] for cell in ("photos-org", "photos-sd-syn", "photos-cd-syn")] == [
        "to",
        "cannot",
        "shared",
    ]

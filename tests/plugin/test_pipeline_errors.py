"""Pipelines that cannot be used: a one-line reason for their cells, while other cells run."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from plugin_project import Project

from suite.planning.profiles import load_profile

MODEL = load_profile("paper").base.generator["sd"]["model"]
SMALL_RUN = ("--profile", "paper", "--seeds", "1", "--limit-steps", "1", "--image-size", "8")


@pytest.fixture
def photos(project: Project, data_root: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a row of photos, on a machine without downloaded pipelines."""
    monkeypatch.setenv("HF_HUB_CACHE", str(project.path / "hub"))
    monkeypatch.setenv("SUITE_DATA_ROOT", str(data_root))
    (project.path / "cases" / "photos.toml").write_text('generators = ["sd", "cd"]\n', encoding="utf-8")
    return project


@pytest.fixture
def gated_hub() -> Iterator[str]:
    """URL of a hub that answers every request with the error for a gated repository."""

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


def test_absent_pipeline_skips_its_cells_with_the_remedy(photos: Project) -> None:
    result = photos.run_here("-k", "photos-sd and test_case", *SMALL_RUN, "-rs")
    assert result.ret == 0
    result.assert_outcomes(skipped=2)
    text = " ".join(result.stdout.str().split())
    cells = "photos-sd-syn, photos-sd-mix, photos-sd (discriminator)"
    assert f"missing: {cells}: {MODEL} at 451f4fe1 is not on this machine: allow --download, or fetch it" in text
    assert {name: status for name, status in statuses(photos).items() if status != "not run"} == {
        "sd-syn": "unavailable",
        "sd-mix": "unavailable",
    }


@pytest.mark.thorough
def test_gated_model_fails_its_cells_and_limited_steps_have_no_expected_range(
    photos: Project, gated_hub: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", gated_hub)
    with (photos.path / "cases" / "photos.toml").open("a", encoding="utf-8") as row:
        row.write("[paper]\norg = 99.5\n[expected.paper]\norg = [99, 99.9]\n")
    result = photos.run("-k", "photos-org or photos-sd-syn", "--download", *SMALL_RUN)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=1, errors=1)
    line = f"sd, samples of 'a photo of a blue' to 'a photo of a red', seed 0: {MODEL} is gated: accept its terms at *"
    result.stdout.fnmatch_lines(["*test_case?photos-sd-syn?*", line])
    assert "Traceback" not in result.stdout.str()
    assert {name: statuses(photos)[name] for name in ("org", "sd-syn")} == {"org": "done", "sd-syn": "failed"}
    assert "lies outside" not in result.stdout.str(), "expected ranges do not apply with --limit-steps"


def test_class_without_a_prompt_fails_only_the_cells_of_sd(photos: Project, data_root: Path) -> None:
    for split in ("train", "test"):
        (data_root / "photos" / split / "red").rename(data_root / "photos" / split / "_")
    result = photos.run_here("-k", "photos-sd-syn")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    line = "sd on photos: class '_' has no prompt (no name): give the dataset templates with {} for the class name, *"
    result.stdout.fnmatch_lines(["*ERROR at setup of test_case?photos-sd-syn?*", line])
    planned = photos.run_here("-k", "photos and test_case and not mix", "--plan", "--seeds", "1")
    lines = planned.outlines
    assert planned.ret == pytest.ExitCode.TESTS_FAILED
    assert [lines[lines.index(cell) + 1].split()[0] for cell in ("photos-org", "photos-sd-syn", "photos-cd-syn")] == [
        "to",
        "cannot",
        "shared",
    ]

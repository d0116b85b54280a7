"""A minimal trained pipeline, shared by all tests of this package, and a fake Hugging Face hub that serves it."""

import hashlib
import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from suite.artifacts import Store
from suite.compute import Compute
from suite.engines.build import build_all
from suite.generators.sd.pipelines import HubPipeline, LocalPipeline
from suite.generators.sd.recipes import SampleTextToImage
from suite.generators.sd.settings import TextToImageSampling
from suite.generators.sd.tiny.fonts import fonts_id
from suite.generators.sd.tiny.recipes import TrainTinyPipeline
from suite.generators.sd.tiny.settings import PIPELINE, TinyTraining

STAGE = {"steps": 2, "batch_size": 4, "learning_rate": 1e-3}
TRAINING = {"glyphs": 40, "text_encoder": STAGE, "autoencoder": STAGE, "denoiser": STAGE}
COMMIT = "c0ffee" + 34 * "0"


@pytest.fixture(scope="session")
def tiny_recipe() -> TrainTinyPipeline:
    """The recipe of a tiny pipeline whose networks are trained for two steps each."""
    return TrainTinyPipeline(
        fonts=fonts_id(), settings=TinyTraining.model_validate(TRAINING), seed=0, compute=Compute()
    )


@pytest.fixture(scope="session")
def trained_store(tmp_path_factory: pytest.TempPathFactory, tiny_recipe: TrainTinyPipeline) -> Store:
    """A store that contains the tiny pipeline."""
    store = Store(tmp_path_factory.mktemp("store"))
    store.prepare()
    build_all(store, [tiny_recipe])
    return store


@pytest.fixture(scope="session")
def pipeline_directory(trained_store: Store, tiny_recipe: TrainTinyPipeline) -> Path:
    """The directory written by ``save_pretrained``; tests must not change it."""
    return trained_store.get(tiny_recipe).path / PIPELINE


@pytest.fixture
def samples(tiny_recipe: TrainTinyPipeline) -> Callable[..., SampleTextToImage]:
    """Return a function that makes recipes: ``samples(3, 2, guidance=1.0)`` is 3 and 2 images of two classes."""

    def plan(
        *counts: int,
        pipeline: TrainTinyPipeline | HubPipeline | LocalPipeline = tiny_recipe,
        prompts: tuple[tuple[str, ...], ...] = (("the digit zero",), ("the digit one",), ("the digit two",)),
        side: int = 8,
        seed: int = 0,
        compute: Compute | None = None,
        **settings: Any,
    ) -> SampleTextToImage:
        return SampleTextToImage(
            pipeline=pipeline,
            prompts=prompts[: len(counts)],
            per_class=counts,
            size=side,
            settings=TextToImageSampling.model_validate({"steps": 2, "guidance": 1.0, "batch_size": 4, **settings}),
            seed=seed,
            compute=compute or Compute(),
        )

    return plan


class Hub:
    """A local server with the API of the Hugging Face hub, for one model at one commit.

    Attributes:
        url: Address of the server.
        directory: Directory of the served files.
        error: HTTP status and hub error code of every response; None serves the files.
        served: Names of the files that were requested.
    """

    id = "someone/something"

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.error: tuple[int, str] | None = None
        self.served: list[str] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                hub.respond(self)

            def do_GET(self) -> None:
                self.wfile.write(hub.respond(self))

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def respond(self, request: BaseHTTPRequestHandler) -> bytes:
        files = {
            path.relative_to(self.directory).as_posix(): path for path in self.directory.rglob("*") if path.is_file()
        }
        path, model = request.path.partition("?")[0], f"/api/models/{self.id}"
        name = path.removeprefix(f"/{self.id}/resolve/{COMMIT}/")
        headers: dict[str, str] = {}
        if self.error is not None:
            headers["X-Error-Code"] = self.error[1]
            return self._send(request, self.error[0], headers, b"")
        if path == f"{model}/revision/{COMMIT}":
            siblings = [{"rfilename": name} for name in files]
            content = json.dumps({"id": self.id, "sha": COMMIT, "siblings": siblings}).encode()
        elif path == f"{model}/tree/{COMMIT}":
            tree = [
                {"type": "file", "path": name, "size": path.stat().st_size, "oid": _hash(path.read_bytes())}
                for name, path in files.items()
            ]
            content = json.dumps(tree).encode()
        elif name in files:
            self.served.append(name)
            content = files[name].read_bytes()
            headers = {"ETag": f'"{_hash(content)}"', "X-Repo-Commit": COMMIT}
        else:
            return self._send(request, 404, {"X-Error-Code": "EntryNotFound"}, b"")
        return self._send(request, 200, headers, content)

    @staticmethod
    def _send(request: BaseHTTPRequestHandler, status: int, headers: dict[str, str], content: bytes) -> bytes:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        return content


def _hash(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


@pytest.fixture
def hub(pipeline_directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that serves the tiny pipeline, and an empty hub cache."""
    from huggingface_hub import constants, hf_api

    server = Hub(pipeline_directory)
    template = server.url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", server.url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(hf_api.api, "endpoint", server.url)
    yield server
    server.server.shutdown()
    server.server.server_close()


@pytest.fixture
def hub_pipeline() -> HubPipeline:
    """The pipeline that the hub serves."""
    return HubPipeline(id=Hub.id, revision=COMMIT)

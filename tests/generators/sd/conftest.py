"""The smallest pipeline there can be, trained once for all tests of the room, and a hub that serves it."""

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
    """The recipe of a pipeline whose networks were trained for two steps each."""
    return TrainTinyPipeline(
        fonts=fonts_id(), settings=TinyTraining.model_validate(TRAINING), seed=0, compute=Compute()
    )


@pytest.fixture(scope="session")
def trained_store(tmp_path_factory: pytest.TempPathFactory, tiny_recipe: TrainTinyPipeline) -> Store:
    """A store that has that pipeline."""
    store = Store(tmp_path_factory.mktemp("store"))
    store.prepare()
    build_all(store, [tiny_recipe])
    return store


@pytest.fixture(scope="session")
def pipeline_folder(trained_store: Store, tiny_recipe: TrainTinyPipeline) -> Path:
    """The directory that ``save_pretrained`` wrote; not to be changed."""
    return trained_store.get(tiny_recipe).path / PIPELINE


@pytest.fixture
def samples(tiny_recipe: TrainTinyPipeline) -> Callable[..., SampleTextToImage]:
    """Plan samples: ``samples(3, 2, guidance=1.0)`` is five images of two classes in batches of four."""

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
    """A server on this machine that answers as the Hugging Face hub does, for one model at one commit.

    Attributes:
        url: Where it listens.
        folder: What it serves.
        refusal: Status and error code with which it answers whatever it is asked; None serves.
        served: Names of the files it was asked for.
    """

    id = "someone/something"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.refusal: tuple[int, str] | None = None
        self.served: list[str] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                hub.answer(self)

            def do_GET(self) -> None:
                self.wfile.write(hub.answer(self))

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, asked: BaseHTTPRequestHandler) -> bytes:
        files = {path.relative_to(self.folder).as_posix(): path for path in self.folder.rglob("*") if path.is_file()}
        path, model = asked.path.partition("?")[0], f"/api/models/{self.id}"
        name = path.removeprefix(f"/{self.id}/resolve/{COMMIT}/")
        headers: dict[str, str] = {}
        if self.refusal is not None:
            headers["X-Error-Code"] = self.refusal[1]
            return self._send(asked, self.refusal[0], headers, b"")
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
            return self._send(asked, 404, {"X-Error-Code": "EntryNotFound"}, b"")
        return self._send(asked, 200, headers, content)

    @staticmethod
    def _send(asked: BaseHTTPRequestHandler, status: int, headers: dict[str, str], content: bytes) -> bytes:
        asked.send_response(status)
        for name, value in headers.items():
            asked.send_header(name, value)
        asked.send_header("Content-Type", "application/json")
        asked.send_header("Content-Length", str(len(content)))
        asked.end_headers()
        return content


def _hash(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


@pytest.fixture
def hub(pipeline_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that serves the smallest pipeline, and an empty cache."""
    from huggingface_hub import constants, hf_api

    server = Hub(pipeline_folder)
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
    """The model that the hub serves."""
    return HubPipeline(id=Hub.id, revision=COMMIT)

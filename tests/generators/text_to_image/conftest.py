"""A tiny pipeline after two steps of each stage, trained once for all tests of the room, and a hub to serve it."""

from collections.abc import Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from suite.artifacts import Store
from suite.compute import Compute
from suite.engines.build import build_all
from suite.generators.text_to_image.fonts import fonts_id
from suite.generators.text_to_image.tiny import PIPELINE, TinyTraining, TrainTinyPipeline

STAGE = {"steps": 2, "batch_size": 4, "learning_rate": 1e-3}
TRAINING = {"glyphs": 40, "text_encoder": STAGE, "autoencoder": STAGE, "denoiser": STAGE}


@pytest.fixture(scope="session")
def training() -> dict[str, Any]:
    """Settings of a training that takes a second."""
    return TRAINING


@pytest.fixture(scope="session")
def tiny_recipe() -> TrainTinyPipeline:
    """The recipe of the smallest pipeline there can be."""
    return TrainTinyPipeline(
        fonts=fonts_id(), settings=TinyTraining.model_validate(TRAINING), seed=0, compute=Compute()
    )


@pytest.fixture(scope="session")
def trained_store(tmp_path_factory: pytest.TempPathFactory, tiny_recipe: TrainTinyPipeline) -> Store:
    """A store that has the smallest pipeline."""
    store = Store(tmp_path_factory.mktemp("store"))
    store.prepare()
    build_all(store, [tiny_recipe])
    return store


@pytest.fixture(scope="session")
def pipeline_folder(trained_store: Store, tiny_recipe: TrainTinyPipeline) -> Path:
    """The directory that ``save_pretrained`` wrote; not to be changed."""
    return trained_store.get(tiny_recipe).path / PIPELINE

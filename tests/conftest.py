"""Fixtures that all tests share."""

import os
import socket
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import Phase, settings

from suite.artifacts import Store

sys.path.insert(0, str(Path(__file__).parent / "helpers"))  # worker processes inherit it

pytest_plugins = ["pytester"]
# No deadline, because builds on a busy machine are slow; the phase "explain" traces every line and slows tests down.
settings.register_profile(
    "suite", deadline=None, max_examples=50, phases=[phase for phase in Phase if phase is not Phase.explain]
)
settings.load_profile("suite")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    empty = Store(tmp_path / "store")
    empty.prepare()
    return empty


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A web server on this machine, as its URL and the directory that it serves."""
    folder = tmp_path / "web"
    folder.mkdir()

    class QuietHandler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder))) as server:
        thread = Thread(target=partial(server.serve_forever, poll_interval=0.05), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", folder
        server.shutdown()
        thread.join()


@pytest.fixture
def closed_url() -> str:
    """A URL on this machine at which no server listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The directory of the real archives; skips the test if it does not exist."""
    given = os.environ.get("SUITE_TEST_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real archives at {folder}: set SUITE_TEST_DATA to their directory")
    return folder

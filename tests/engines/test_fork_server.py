"""The fork server, with real processes."""

import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import gettempdir

import pytest
from forked import ProcessState, send_state
from waiting import wait_until

from suite.classifiers.network import TrainedNetwork
from suite.engines.fork_server import CONNECTION_LOST, ENVIRONMENT, ForkedProcess, ForkServer
from suite.engines.messages import WorkerDied
from suite.generators.biggan.recipes import SampleGan, TrainGan
from suite.generators.cd.recipes import SampleDiffusion, TrainDiffusion
from suite.generators.sd.recipes import SampleTextToImage
from suite.generators.sd.tiny.recipes import TrainTinyPipeline

SLOW = "import time; time.sleep(0.4)"


@pytest.fixture
def server() -> Iterator[ForkServer]:
    """A new server."""
    server = ForkServer(send_state)
    yield server
    if server._process is not None:
        server._process.kill()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An importable directory."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def next_message(process: ForkedProcess) -> object:
    """Return the next message from a process or about its exit."""
    wait_until(process.pipe.poll)
    return process.poll()


def new_process_state(server: ForkServer, *modules: str) -> ProcessState:
    """Return the state of a new process."""
    process = server.fork(modules)
    process.pipe.send("continue")
    state = next_message(process)
    assert isinstance(state, ProcessState)
    return state


def wait_for_preload(server: ForkServer) -> None:
    """Wait until all modules to preload are imported."""
    wait_until(lambda: server.has_preloaded)


def test_preloaded_modules_are_imported_in_every_process(server: ForkServer, folder: Path) -> None:
    (folder / "preloaded_module.py").write_text("")
    server.preload(["preloaded_module"])
    wait_for_preload(server)
    assert "preloaded_module" in new_process_state(server).modules


def test_a_process_does_not_wait_for_modules_that_it_does_not_need(server: ForkServer, folder: Path) -> None:
    names = [f"slow_module_{number}" for number in range(6)]
    for name in names:
        (folder / f"{name}.py").write_text(SLOW)
    server.preload(["json"])
    before = new_process_state(server).modules
    wait_for_preload(server)
    server.preload(names)
    assert not server.has_preloaded
    first = new_process_state(server, names[-1]).modules
    assert before.isdisjoint(names)
    assert names[-1] in first, "the modules it needs are imported before the fork"
    assert not first.issuperset(names), "the other modules are imported when the server is idle"
    wait_for_preload(server)
    assert new_process_state(server).modules.issuperset(names)


def test_a_module_that_cannot_be_imported_does_not_stop_the_server(server: ForkServer, folder: Path) -> None:
    (folder / "bad_module.py").write_text("raise ValueError")
    server.preload(["bad_module", "no_module_at_all"])
    wait_for_preload(server)
    assert "bad_module" not in new_process_state(server, "bad_module").modules


def test_the_first_calls_of_every_build_import_nothing(server: ForkServer) -> None:
    server.preload(["torch"])
    wait_for_preload(server)
    assert new_process_state(server).late_imports == frozenset()


def test_a_process_has_the_path_of_its_client_and_the_environment_of_builds(
    server: ForkServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")
    first = new_process_state(server)
    monkeypatch.syspath_prepend(folder / "later")
    second = new_process_state(server)
    assert second.environment == ENVIRONMENT
    assert second.path == tuple(sys.path) != first.path
    assert second.server == first.server, "both are forked from one server"
    assert os.environ["OPENBLAS_NUM_THREADS"] == "7", "the environment of the client is unchanged"


def test_the_exit_of_a_process_is_reported(server: ForkServer) -> None:
    process = server.fork()
    process.pipe.send("continue")
    assert isinstance(next_message(process), ProcessState)
    assert next_message(process) == WorkerDied(
        "its process ended with exit code 0 (-9 usually means that memory ran out)"
    )
    process.stop()


def test_stopping_a_process_stops_no_other(server: ForkServer) -> None:
    stopped, other = server.fork(), server.fork()
    stopped.stop()
    assert stopped.pipe.closed
    assert other.poll() is None
    other.pipe.send("continue")
    assert isinstance(next_message(other), ProcessState)


def test_ctrl_c_at_the_terminal_does_not_stop_the_server(server: ForkServer) -> None:
    server.preload(["torch"])
    assert server._process is not None
    first = server._process.pid
    assert first is not None
    for _ in range(20):  # while it starts and while it imports
        os.kill(first, signal.SIGINT)
        time.sleep(0.1)
    assert new_process_state(server).server == first


def test_a_server_that_died_is_replaced_and_its_processes_continue(server: ForkServer, folder: Path) -> None:
    (folder / "long_module.py").write_text("import time; time.sleep(60)")
    running, first = server.fork(), new_process_state(server).server
    waiting = server.fork(["long_module"])
    os.kill(first, signal.SIGKILL)
    assert next_message(waiting) == WorkerDied(CONNECTION_LOST)
    waiting.stop()
    running.pipe.send("continue")
    state = next_message(running)
    assert isinstance(state, ProcessState)
    assert next_message(running) == WorkerDied(CONNECTION_LOST), "the exit code is unknown without the server"
    assert new_process_state(server).server != first


def test_stopping_does_not_wait_for_a_process_that_is_not_forked_yet(server: ForkServer, folder: Path) -> None:
    (folder / "long_module.py").write_text("import time; time.sleep(60)")
    process = server.fork(["long_module"])
    began = time.monotonic()
    process.stop()
    assert time.monotonic() - began < 30


def test_a_module_that_exits_the_interpreter_does_not_stop_the_server(server: ForkServer, folder: Path) -> None:
    (folder / "exiting_module.py").write_text("raise SystemExit")
    first = new_process_state(server).server
    assert new_process_state(server, "exiting_module").server == first


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="sets a limit of another process, which needs Linux")
def test_a_process_that_cannot_be_started_is_reported_as_died(server: ForkServer) -> None:
    running, first = server.fork(), new_process_state(server).server
    resource.prlimit(first, resource.RLIMIT_NOFILE, (16, 16))
    processes = [server.fork() for _ in range(12)]
    assert isinstance(next_message(processes[-1]), WorkerDied)
    running.pipe.send("continue")
    state = next_message(running)
    assert isinstance(state, ProcessState)
    assert state.server == first


def test_processes_can_use_the_gpus_because_the_server_does_not_initialise_cuda(
    server: ForkServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,0")
    (folder / "counting_module.py").write_text(
        "import torch; GPUS = torch.cuda.is_available(), torch.cuda.device_count()"
    )
    recipes = (
        TrainedNetwork,
        TrainDiffusion,
        SampleDiffusion,
        TrainGan,
        SampleGan,
        TrainTinyPipeline,
        SampleTextToImage,
    )
    modules = sorted({module for recipe in recipes for module in (*recipe.imports, *recipe.code)})
    assert "diffusers.models.unets.unet_2d" in modules, "it counts the GPUs when it is imported"
    state = new_process_state(server, *modules, "counting_module")
    assert state.modules.issuperset({*modules, "counting_module"})
    assert not state.has_lost_cuda
    assert state.gpus == "1,0"


def test_nothing_is_left_in_the_temporary_directory(server: ForkServer) -> None:
    before = set(Path(gettempdir()).glob("pymp-*"))
    new_process_state(server)
    assert set(Path(gettempdir()).glob("pymp-*")) <= before


def test_the_server_starts_with_the_first_request(server: ForkServer) -> None:
    assert not server.has_preloaded
    assert server._process is None

"""The server that processes are forked from, with real processes."""

import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import gettempdir

import pytest
from forked import Surroundings, tell
from waiting import eventually

from suite.classifiers.recipes import Classifier
from suite.engines.fork_server import ENVIRONMENT, GONE, Forked, Server
from suite.engines.messages import WorkerDied
from suite.generators.biggan.recipes import SampleGan, TrainGan
from suite.generators.cd.recipes import SampleDiffusion, TrainDiffusion
from suite.generators.sd.recipes import SampleTextToImage
from suite.generators.sd.tiny.recipes import TrainTinyPipeline

SLOW = "import time; time.sleep(0.4)"


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of the test's own."""
    server = Server(tell)
    yield server
    if server._process is not None:
        server._process.kill()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of modules."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def heard(process: Forked) -> object:
    """Return the next that a process, or its server, says."""
    eventually(process.pipe.poll)
    return process.poll()


def told(server: Server, *modules: str) -> Surroundings:
    """Return what a new process tells."""
    process = server.fork(modules)
    process.pipe.send("go on")
    answer = heard(process)
    assert isinstance(answer, Surroundings)
    return answer


def through(server: Server) -> None:
    """Wait until everything expected is imported."""
    eventually(lambda: server.is_through)


def test_what_is_expected_is_there_without_being_asked_for(server: Server, folder: Path) -> None:
    (folder / "expected_module.py").write_text("")
    server.expect(["expected_module"])
    through(server)
    assert "expected_module" in told(server).modules


def test_a_process_does_not_wait_for_what_it_does_not_need(server: Server, folder: Path) -> None:
    names = [f"slow_module_{number}" for number in range(6)]
    for name in names:
        (folder / f"{name}.py").write_text(SLOW)
    server.expect(["json"])
    before = told(server).modules
    through(server)
    server.expect(names)
    assert not server.is_through
    first = told(server, names[-1]).modules
    assert before.isdisjoint(names)
    assert names[-1] in first, "what it needs is imported before it is forked"
    assert not first.issuperset(names), "and the others when there is time"
    through(server)
    assert told(server).modules.issuperset(names)


def test_a_module_that_cannot_be_imported_is_left_to_the_build(server: Server, folder: Path) -> None:
    (folder / "bad_module.py").write_text("raise ValueError")
    server.expect(["bad_module", "no_module_at_all"])
    through(server)
    assert "bad_module" not in told(server, "bad_module").modules


def test_what_every_build_does_first_imports_nothing_more(server: Server) -> None:
    server.expect(["torch"])
    through(server)
    assert told(server).first_steps == frozenset()


def test_a_process_has_our_path_and_the_environment_of_builds(
    server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "7")
    first = told(server)
    monkeypatch.syspath_prepend(folder / "later")
    second = told(server)
    assert second.environment == ENVIRONMENT
    assert second.path == tuple(sys.path) != first.path
    assert second.server == first.server, "one server"
    assert os.environ["OPENBLAS_NUM_THREADS"] == "7", "ours is as it was"


def test_the_end_of_a_process_is_told(server: Server) -> None:
    process = server.fork()
    process.pipe.send("go on")
    assert isinstance(heard(process), Surroundings)
    assert heard(process) == WorkerDied("its process ended with exit code 0 (-9 is most often a lack of memory)")
    process.end()


def test_a_process_is_ended_and_nobody_else(server: Server) -> None:
    ended, other = server.fork(), server.fork()
    ended.end()
    assert ended.pipe.closed
    assert other.poll() is None
    other.pipe.send("go on")
    assert isinstance(heard(other), Surroundings)


def test_an_interruption_at_the_terminal_does_not_reach_it(server: Server) -> None:
    server.expect(["torch"])
    assert server._process is not None
    first = server._process.pid
    assert first is not None
    for _ in range(20):  # while it starts, and while it imports
        os.kill(first, signal.SIGINT)
        time.sleep(0.1)
    assert told(server).server == first


def test_a_server_that_died_is_followed_by_another_and_what_it_forked_goes_on(server: Server, folder: Path) -> None:
    (folder / "long_module.py").write_text("import time; time.sleep(60)")
    running, first = server.fork(), told(server).server
    waiting = server.fork(["long_module"])
    os.kill(first, signal.SIGKILL)
    assert heard(waiting) == WorkerDied(GONE)
    waiting.end()
    running.pipe.send("go on")
    answer = heard(running)
    assert isinstance(answer, Surroundings)
    assert heard(running) == WorkerDied(GONE), "nobody is left who could say more"
    assert told(server).server != first


def test_a_process_that_does_not_exist_yet_is_not_waited_for(server: Server, folder: Path) -> None:
    (folder / "long_module.py").write_text("import time; time.sleep(60)")
    process = server.fork(["long_module"])
    began = time.monotonic()
    process.end()
    assert time.monotonic() - began < 30


def test_a_module_that_ends_the_interpreter_ends_no_build(server: Server, folder: Path) -> None:
    (folder / "ending_module.py").write_text("raise SystemExit")
    first = told(server).server
    assert told(server, "ending_module").server == first


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="sets the limit of another process, as Linux can")
def test_a_process_that_cannot_be_made_has_died_and_no_other(server: Server) -> None:
    running, first = server.fork(), told(server).server
    resource.prlimit(first, resource.RLIMIT_NOFILE, (16, 16))
    some = [server.fork() for _ in range(12)]
    assert isinstance(heard(some[-1]), WorkerDied)
    running.pipe.send("go on")
    answer = heard(running)
    assert isinstance(answer, Surroundings)
    assert answer.server == first


def test_processes_may_use_the_gpus_that_the_server_never_looked_at(
    server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,0")
    (folder / "curious_module.py").write_text(
        "import torch; GPUS = torch.cuda.is_available(), torch.cuda.device_count()"
    )
    recipes = (Classifier, TrainDiffusion, SampleDiffusion, TrainGan, SampleGan, TrainTinyPipeline, SampleTextToImage)
    modules = sorted({module for recipe in recipes for module in (*recipe.imports, *recipe.code)})
    assert "diffusers.models.unets.unet_2d" in modules, "which looks when it is imported"
    answer = told(server, *modules, "curious_module")
    assert answer.modules.issuperset({*modules, "curious_module"})
    assert not answer.has_lost_cuda
    assert answer.gpus == "1,0"


def test_nothing_is_left_in_the_temporary_folder(server: Server) -> None:
    before = set(Path(gettempdir()).glob("pymp-*"))
    told(server)
    assert set(Path(gettempdir()).glob("pymp-*")) <= before


def test_nothing_is_started_that_is_not_asked_for(server: Server) -> None:
    assert not server.is_through
    assert server._process is None

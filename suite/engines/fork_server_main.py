"""The main function of the fork server, and the requests it serves."""

import gc
import importlib
import multiprocessing
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from pathlib import Path

from suite.compute import Compute
from suite.engines.build import versions
from suite.engines.messages import WorkerDied

Target = Callable[[Connection], None]
MODULES_OF_ALL_BUILDS = ("filelock", "safetensors.numpy")
# CUDA cannot be used in a process whose parent has initialised it, and counting the GPUs is enough for that; diffusers
# counts them when it is imported. With these variables torch asks NVML instead, and not even NVML if no GPU is visible.
HIDE_GPUS = {"CUDA_VISIBLE_DEVICES": "", "PYTORCH_NVML_BASED_CUDA_CHECK": "1"}


@dataclass(frozen=True)
class Preload:
    """Request to import modules when the server is idle.

    Attributes:
        number: Sent back once the modules are imported.
        modules: Names of the modules.
    """

    number: int
    modules: tuple[str, ...]


@dataclass(frozen=True)
class Fork:
    """Request to fork a process. The process's end of its pipe is sent next.

    Attributes:
        number: Number of the process.
        modules: Modules to import before the fork.
        path: ``sys.path`` of the process.
    """

    number: int
    modules: tuple[str, ...]
    path: tuple[str, ...]


@dataclass(frozen=True)
class Kill:
    """Request to kill a process if it still runs.

    Attributes:
        number: Number of the process.
    """

    number: int


def serve(control: Connection, target: Target) -> None:
    """Serve requests until the client has exited.

    Args:
        control: Receives ``Preload``, ``Fork`` and ``Kill``, and sends the number of the last completed ``Preload``.
        target: Main function of every process; its argument is a pipe. When the process has exited, ``WorkerDied`` is
            sent through that pipe.
    """
    gc.disable()  # imported modules stay; a garbage collection of them would take a tenth of the time
    environment = {name: os.environ.get(name) for name in HIDE_GPUS}
    os.environ.update(HIDE_GPUS)
    versions()  # fills the cache, because every build uses it
    fork = multiprocessing.get_context("fork")
    to_preload, last_preload = list(MODULES_OF_ALL_BUILDS), -1
    processes: dict[int, tuple[ForkProcess, Connection]] = {}
    while True:
        sentinels = {process.sentinel: number for number, (process, _) in processes.items()}
        ready = wait([control, *sentinels], 0 if to_preload else None)
        if not ready:
            _import(to_preload.pop(0))
            if not to_preload:
                with suppress(OSError):  # the client has exited
                    control.send(last_preload)
        for sentinel in set(sentinels).intersection(ready):
            _report_exit(*processes.pop(sentinels[sentinel]))
        if control in ready:
            try:
                request = control.recv()
            except (EOFError, OSError):
                return
            match request:
                case Preload(last_preload, modules):
                    to_preload += modules
                case Fork(number, modules, path):
                    pipe = receive_connection(control)
                    if pipe is None:  # too many open files; the client notices that the pipe is closed
                        continue
                    sys.path[:] = path
                    for module in modules:
                        _import(module)
                    gc.freeze()  # a collection in a build would otherwise touch, and thereby copy, shared memory
                    other_connections = [control, *(other for _, other in processes.values())]
                    arguments = (target, pipe, other_connections, environment)
                    process = fork.Process(target=_run, args=arguments, daemon=True)
                    try:
                        process.start()
                    except OSError as error:  # out of processes or memory
                        _send_died(pipe, f"its process could not be started ({error.strerror})")
                    else:
                        processes[number] = process, pipe
                case Kill(number) if number in processes:
                    processes[number][0].kill()


def send_connection(control: Connection, connection: Connection) -> None:
    """Send a connection to the process at the other end of ``control`` as a file descriptor, and close it here.

    Pickling a connection would do the same with a thread and a socket in the temporary directory, which stays there
    after a kill. ``multiprocessing.reduction.send_handle`` waits on macOS for an acknowledgement through ``control``,
    where it would be mixed up with other messages.

    Args:
        control: Connection to the other process.
        connection: Connection to send.
    """
    with as_socket(control) as control_socket:
        socket.send_fds(control_socket, [b"."], [connection.fileno()])
    connection.close()


def receive_connection(control: Connection) -> Connection | None:
    """Return a connection sent by ``send_connection``, or None if this process has too many open files."""
    with as_socket(control) as control_socket:
        _, descriptors, _, _ = socket.recv_fds(control_socket, 1, 1)
    if not descriptors:
        return None
    os.set_inheritable(descriptors[0], False)
    return Connection(descriptors[0])


@contextmanager
def as_socket(connection: Connection) -> Iterator[socket.socket]:
    """Yield a connection as a socket, for operations that connections do not have."""
    connection_socket = socket.socket(fileno=connection.fileno())
    try:
        yield connection_socket
    finally:
        connection_socket.detach()


def _import(module: str) -> None:
    """Import a module; after torch, also do what every build does first with it."""
    if module in sys.modules:
        return
    had_torch = "torch" in sys.modules
    with suppress(Exception, SystemExit):  # a build that needs the module will report the error
        importlib.import_module(module)
        if "torch" in sys.modules and not had_torch:
            Compute().apply()  # torch imports its compiler at the first call, which takes seconds


def _run(
    target: Target, pipe: Connection, other_connections: list[Connection], environment: dict[str, str | None]
) -> None:
    for connection in other_connections:
        connection.close()
    for name, value in environment.items():
        os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)
    with suppress(OSError):  # when Linux runs out of memory, it should kill one build rather than the server
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    gc.enable()
    target(pipe)


def _report_exit(process: ForkProcess, pipe: Connection) -> None:
    process.join()
    _send_died(pipe, f"its process ended with exit code {process.exitcode} (-9 usually means that memory ran out)")


def _send_died(pipe: Connection, reason: str) -> None:
    with suppress(OSError):
        pipe.send(WorkerDied(reason))
    pipe.close()

"""Creating the engine that the options of a run ask for."""

from suite import devices
from suite.artifacts import DataPaths, Store
from suite.engines.engine import Engine


def create_engine(
    store: Store,
    data_paths: DataPaths,
    *,
    engine: str = "local",
    device: str = "cpu",
    jobs: int | None = None,
    threads: int = 1,
    ray_address: str = "auto",
    share: tuple[int, int] = (0, 1),
) -> Engine:
    """Return the engine of one process of a run.

    Args:
        store: Where artifacts are.
        data_paths: Where data and caches are.
        engine: ``local`` or ``ray``.
        device: Kind of device: ``cpu``, ``cuda`` or ``mps``; with Ray also ``auto``.
        jobs: Number of workers of all processes together; None is one for each GPU, or as many as the CPU cores allow.
        threads: Threads of one worker.
        ray_address: Address of the Ray cluster: ``auto`` or ``HOST:PORT``.
        share: This process's number, from 0, and the number of processes; they share the workers of this machine.

    Raises:
        UsageError: If the device cannot be used.
    """
    process, processes = share
    if engine == "ray":
        from suite.engines.ray_engine import RayEngine

        return RayEngine(store, data_paths, device=device, address=ray_address, jobs=jobs and max(1, jobs // processes))
    from suite.engines.local import LocalEngine

    workers = devices.worker_devices(device, jobs, threads)
    return LocalEngine(store, data_paths, workers[process::processes] or (workers[process % len(workers)],))

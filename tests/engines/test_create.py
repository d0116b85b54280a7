"""The engine that the options of a run ask for."""

import pytest

from suite import devices
from suite.artifacts import DataPaths, Store
from suite.engines.create import create_engine
from suite.engines.local import LocalEngine


@pytest.mark.parametrize(
    ("processes", "gpus", "shares"),
    [
        (1, 2, [("cuda:0", "cuda:1")]),
        (2, 2, [("cuda:0",), ("cuda:1",)]),
        (2, 3, [("cuda:0", "cuda:2"), ("cuda:1",)]),
        (3, 2, [("cuda:0",), ("cuda:1",), ("cuda:0",)]),
    ],
)
def test_processes_of_a_run_share_the_gpus(
    monkeypatch: pytest.MonkeyPatch, store: Store, processes: int, gpus: int, shares: list[tuple[str, ...]]
) -> None:
    monkeypatch.setattr(devices, "cuda_devices", lambda: gpus)
    for process, expected in enumerate(shares):
        engine = create_engine(store, DataPaths(), device="cuda", share=(process, processes))
        assert isinstance(engine, LocalEngine)
        assert engine.devices == expected

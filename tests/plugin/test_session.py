"""What the pytest processes of one run share."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from suite import devices
from suite.engines.local import LocalEngine
from suite.engines.progress import ProgressBar
from suite.planning.run_options import run_options
from suite.plugin.options import OPTIONS
from suite.plugin.session import BenchmarkSession


@pytest.mark.parametrize(
    ("processes", "gpus", "shares"),
    [
        (1, 2, [("cuda:0", "cuda:1")]),
        (2, 2, [("cuda:0",), ("cuda:1",)]),
        (2, 3, [("cuda:0", "cuda:2"), ("cuda:1",)]),
        (3, 2, [("cuda:0",), ("cuda:1",), ("cuda:0",)]),
    ],
)
def test_every_worker_of_xdist_has_gpus_of_its_own_while_there_are_some(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    pytestconfig: pytest.Config,
    processes: int,
    gpus: int,
    shares: list[tuple[str, ...]],
) -> None:
    monkeypatch.setattr(devices, "cuda_devices", lambda: gpus)
    settings = replace(
        run_options({option.name: option.value(pytestconfig) for option in OPTIONS}, pytestconfig.rootpath),
        device="cuda",
        store=tmp_path,
    )
    for number, expected in enumerate(shares):
        progress = ProgressBar(nullcontext)
        session = BenchmarkSession(settings, pytestconfig.rootpath / "cases", progress, (number, processes))
        engine = session._engine()
        assert isinstance(engine, LocalEngine)
        assert engine.devices == expected

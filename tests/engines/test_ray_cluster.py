"""Addresses of clusters that are none: one clear line each. Real clusters are in ``test_ray.py``."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ray_cluster import needs_ray

from suite.engines.ray_cluster import connect, is_installed
from suite.errors import UsageError


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of this machine at which nothing listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"Ray is not installed: pip install 'synthetic-data-suite\[ray\]', or choose"):
        connect("auto")


@pytest.mark.parametrize(
    "address", ["nonsense", "ray://127.0.0.1:10001", "127.0.0.1", "127.0.0.1:http", ":6379", "host name:1", ""]
)
@needs_ray
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match=f"--ray-address {address}: give auto or HOST:PORT"):
        connect(address)


@needs_ray
def test_where_nothing_answers_that_is_said_at_once(closed_port: int) -> None:
    with pytest.raises(UsageError, match=rf"127.0.0.1:{closed_port}: nothing answers there \(Connection refused\)"):
        connect(f"127.0.0.1:{closed_port}")
    with pytest.raises(UsageError, match=r"127.0.0.1:99999: nothing answers there"):
        connect("127.0.0.1:99999")


@needs_ray
def test_auto_is_where_ray_itself_is_told_to_look(closed_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{closed_port}")
    with pytest.raises(UsageError, match=f"127.0.0.1:{closed_port}: nothing answers there"):
        connect("auto")


def test_what_every_node_has_by_itself_is_not_sent_there() -> None:
    assert is_installed(Path(os.__file__).parent)
    assert is_installed(Path(pytest.__file__).parent)
    assert is_installed(Path("/nowhere/at/all"))
    assert not is_installed(Path(__file__).parent)

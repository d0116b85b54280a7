"""Connecting to Ray clusters: errors are one clear line. Builds on a cluster are in ``test_ray_engine.py``."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from ray_cluster import RayCluster, needs_ray

from suite.engines.ray_cluster import connect, is_installed
from suite.errors import UsageError

TOKEN = "a-token-for-this-test-0123456789"
TOKEN_REMEDY = "set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH as on the cluster"
# How Ray 2.60 ends the message of a RuntimeError that a wrong token causes.
REFUSED = """Failed to connect to GCS. Last connection error: Traceback (most recent call last):
  File "python/ray/includes/common.pxi", line 119, in ray._raylet.check_status
ray.exceptions.AuthenticationError: RPC error: InvalidAuthToken: Authentication token is missing or incorrect. Ensure \
that the token for the cluster is available in a local file (e.g., ~/.ray/auth_token or via RAY_AUTH_TOKEN_PATH).
"""


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port of this machine that refuses connections."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def test_without_ray_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"Ray is not installed: pip install 'synthetic-data-suite\[ray\]', or choose"):
        connect("auto")


@pytest.mark.parametrize(
    "address", ["nonsense", "ray://127.0.0.1:10001", "127.0.0.1", "127.0.0.1:http", ":6379", "host name:1", ""]
)
@needs_ray
def test_an_invalid_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match=f"--ray-address {address}: give auto or HOST:PORT"):
        connect(address)


@needs_ray
def test_an_address_without_a_listener_is_reported_at_once(closed_port: int) -> None:
    with pytest.raises(UsageError, match=rf"127.0.0.1:{closed_port}: nothing answers there \(Connection refused\)"):
        connect(f"127.0.0.1:{closed_port}")
    with pytest.raises(UsageError, match=r"127.0.0.1:99999: nothing answers there"):
        connect("127.0.0.1:99999")


@needs_ray
def test_auto_uses_the_address_in_the_environment(closed_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{closed_port}")
    with pytest.raises(UsageError, match=f"127.0.0.1:{closed_port}: nothing answers there"):
        connect("auto")


def test_directories_of_the_python_installation_are_recognised() -> None:
    assert is_installed(Path(os.__file__).parent)
    assert is_installed(Path(pytest.__file__).parent)
    assert is_installed(Path("/nowhere/at/all"))
    assert not is_installed(Path(__file__).parent)


def raise_chain(*errors: Exception) -> None:
    """Raise the first error, caused by the second, and so on."""
    for error, cause in pairwise(errors):
        error.__cause__ = cause
    raise errors[0]


def message_for(monkeypatch: pytest.MonkeyPatch, *errors: Exception) -> str:
    """Return the error message of ``connect`` if Ray raises an error with these causes."""
    import ray

    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr(ray, "init", lambda **_: raise_chain(*errors))
    with pytest.raises(UsageError) as caught:
        connect("auto")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@needs_ray
def test_a_cluster_that_refuses_the_driver_is_reported_with_the_reason_of_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = (ConnectionError("Failed to connect to Ray cluster at 127.0.0.1:6379"), RuntimeError(REFUSED))
    assert message_for(monkeypatch, *errors) == (
        "--ray-address auto: the Ray cluster refuses the connection "
        f"(InvalidAuthToken: Authentication token is missing or incorrect): {TOKEN_REMEDY}"
    )


@needs_ray
def test_a_driver_without_a_token_is_told_to_set_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from ray import exceptions

    if not hasattr(exceptions, "AuthenticationError"):
        pytest.skip("this release of Ray has no authentication: pip install --upgrade ray")
    reason = "Token authentication is enabled but no authentication token was found"
    assert message_for(monkeypatch, exceptions.AuthenticationError(reason)) == (
        f"--ray-address auto: the Ray cluster refuses the connection ({reason}): {TOKEN_REMEDY}"
    )


@needs_ray
def test_a_machine_without_a_cluster_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    error = ConnectionError("Could not find any running Ray instance. Please specify the one to connect to by setting")
    expected = "--ray-address auto: no Ray cluster runs on this machine: `ray start --head` starts one"
    assert message_for(monkeypatch, error) == expected


@needs_ray
def test_any_other_error_is_reported_with_its_causes(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = (ConnectionError("Failed to connect\nto it"), RuntimeError("Traceback:\n  line 1\nTimedOut: no reply"))
    expected = "--ray-address auto: ConnectionError: Failed to connect to it (TimedOut: no reply)"
    assert message_for(monkeypatch, *errors) == expected


@needs_ray
@pytest.mark.thorough
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, "InvalidAuthToken: Authentication token is missing or incorrect"),
        ({"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN[::-1]}, "InvalidAuthToken: Authentication token is"),
        ({"RAY_AUTH_MODE": "token"}, "Token authentication is enabled but no authentication token was found"),
        ({"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN}, None),
    ],
)
def test_a_real_cluster_with_a_token(tmp_path: Path, variables: dict[str, str], message: str | None) -> None:
    cluster = RayCluster({"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN})
    program = "import sys; from suite.engines.ray_cluster import connect; connect(sys.argv[1])"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_AUTH")}
    environment |= {"HOME": str(tmp_path), **variables}  # ~/.ray may contain a token
    try:
        command = [sys.executable, "-c", program, cluster.address]
        driver = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    finally:
        cluster.stop()
    if message is None:
        assert driver.returncode == 0, driver.stderr
    else:
        last = driver.stderr.strip().splitlines()[-1]
        assert f"--ray-address {cluster.address}: the Ray cluster refuses the connection ({message}" in last
        assert last.endswith(TOKEN_REMEDY)

"""A Ray cluster that the tests of a module share."""

from collections.abc import Iterator

import pytest
from ray_cluster import RayCluster, ray_cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayCluster]:
    """Start a cluster of two nodes with one core each, to which this process can connect as a driver."""
    with ray_cluster() as cluster:
        yield cluster
        import ray

        ray.shutdown()

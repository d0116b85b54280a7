"""A Ray cluster that a module's tests share."""

from collections.abc import Iterator

import pytest
from ray_cluster import RayCluster, ray_cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayCluster]:
    """A cluster of two nodes with a core each, which this process may become a driver of."""
    with ray_cluster() as made:
        yield made
        import ray

        ray.shutdown()

"""Contracts: what a plugin of each kind promises, as tests that its author inherits.

    from suite.testing import GeneratorContract

    class TestGaussian(GeneratorContract):
        plugin = Gaussian

Run with pytest, the class above tests everything that the suite relies on in a generator. Every built-in plugin passes
the same tests.
"""

import pytest

MODULES = ("datasets", "extractors", "filters", "generators", "metrics", "networks", "promises")
pytest.register_assert_rewrite(*(f"{__name__}.{name}" for name in MODULES))  # so that a broken promise is explained

from suite.testing.datasets import DatasetContract  # noqa: E402
from suite.testing.extractors import ExtractorContract  # noqa: E402
from suite.testing.filters import FilterContract  # noqa: E402
from suite.testing.generators import GeneratorContract  # noqa: E402
from suite.testing.metrics import MetricContract  # noqa: E402
from suite.testing.networks import NetworkContract  # noqa: E402

__all__ = [
    "DatasetContract",
    "ExtractorContract",
    "FilterContract",
    "GeneratorContract",
    "MetricContract",
    "NetworkContract",
]

"""Contracts: test classes that plugin authors inherit to check everything the suite relies on.

    from suite.testing import GeneratorContract

    class TestGaussian(GeneratorContract):
        plugin = Gaussian

Run the class above with pytest. Every built-in plugin passes the same tests.
"""

import pytest

MODULES = ("checks", "classifiers", "datasets", "extractors", "filters", "generators", "metrics")
pytest.register_assert_rewrite(*(f"{__name__}.{name}" for name in MODULES))  # so that failed assertions show values

from suite.testing.classifiers import ClassifierContract  # noqa: E402
from suite.testing.datasets import DatasetContract  # noqa: E402
from suite.testing.extractors import ExtractorContract  # noqa: E402
from suite.testing.filters import FilterContract  # noqa: E402
from suite.testing.generators import GeneratorContract  # noqa: E402
from suite.testing.metrics import MetricContract  # noqa: E402

__all__ = [
    "ClassifierContract",
    "DatasetContract",
    "ExtractorContract",
    "FilterContract",
    "GeneratorContract",
    "MetricContract",
]

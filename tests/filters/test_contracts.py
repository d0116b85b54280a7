"""Every filter of the suite passes the contract tests of filters."""

from suite.filters.agreement import Agreement
from suite.filters.manifold import Manifold
from suite.filters.no_copies import NoCopies
from suite.filters.top_k import TopK
from suite.testing import FilterContract


class TestAgreement(FilterContract):
    plugin = Agreement


class TestManifold(FilterContract):
    plugin = Manifold


class TestManifoldWithPixels(FilterContract):
    plugin = Manifold
    settings = {"extractor": "pixels"}


class TestNoCopies(FilterContract):
    plugin = NoCopies


class TestTopK(FilterContract):
    plugin = TopK

"""Every filter of the suite passes the contract tests of filters."""

from suite.filters.agreement import Agreement
from suite.filters.manifold import ManifoldFilter
from suite.filters.no_copies import NoCopies
from suite.filters.top_k import TopK
from suite.filters.useful import Useful
from suite.testing import FilterContract


class TestAgreement(FilterContract):
    plugin = Agreement


class TestManifold(FilterContract):
    plugin = ManifoldFilter


class TestManifoldWithPixels(FilterContract):
    plugin = ManifoldFilter
    settings = {"extractor": "pixels"}


class TestNoCopies(FilterContract):
    plugin = NoCopies


class TestTopK(FilterContract):
    plugin = TopK


class TestUseful(FilterContract):
    plugin = Useful


class TestUsefulWithPixels(FilterContract):
    plugin = Useful
    settings = {"extractor": "pixels"}

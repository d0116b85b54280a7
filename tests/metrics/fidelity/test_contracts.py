"""Every built-in metric meets the metric contract."""

from suite.metrics.fidelity.copying import Copying
from suite.metrics.fidelity.extrapolated import Extrapolated
from suite.metrics.fidelity.frechet import Frechet
from suite.metrics.fidelity.inception_score import InceptionScore
from suite.metrics.fidelity.kernel_distance import KernelDistance
from suite.metrics.fidelity.manifold import ManifoldMetrics
from suite.metrics.fidelity.per_class import PerClass
from suite.metrics.fidelity.two_sample import TwoSample
from suite.testing import MetricContract


class TestCopying(MetricContract):
    plugin = Copying


class TestExtrapolated(MetricContract):
    plugin = Extrapolated
    side = 3  # 27 dimensions: enough images for a value


class TestFrechet(MetricContract):
    plugin = Frechet


class TestInceptionScore(MetricContract):
    plugin = InceptionScore
    extractor = "efficientnet-lite0"
    side = 32


class TestKernelDistance(MetricContract):
    plugin = KernelDistance


class TestManifold(MetricContract):
    plugin = ManifoldMetrics


class TestPerClass(MetricContract):
    plugin = PerClass


class TestTwoSample(MetricContract):
    plugin = TwoSample

from gaussian import Gaussian

from suite.testing import GeneratorContract


class TestGaussian(GeneratorContract):
    plugin = Gaussian

from contrast import Contrast

from suite.testing import FilterContract


class TestContrast(FilterContract):
    plugin = Contrast

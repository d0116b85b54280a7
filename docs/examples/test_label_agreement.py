from label_agreement import LabelAgreement

from suite.testing import MetricContract


class TestLabelAgreement(MetricContract):
    plugin = LabelAgreement

from small_cnn import SmallCnn

from suite.testing import ClassifierContract


class TestSmallCnn(ClassifierContract):
    plugin = SmallCnn
    settings = {"epochs": 20, "batch_size": 22, "augmentation": ()}

"""A benchmark of synthetic training data for image classifiers."""

__version__ = "0.2.0"

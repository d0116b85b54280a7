"""Image classifiers: networks, the shared training loop, and predictions."""

"""The classifiers, the one training loop they share, and their predictions."""

"""Metrics of image sets: feature extractors, recipes, and pure functions on arrays."""

"""Metrics of image sets: feature extractors, recipes, and the mathematics on arrays."""

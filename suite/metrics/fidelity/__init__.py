"""Metrics of synthetic images, one file each."""

"""Metrics of synthetic image sets, one file each."""

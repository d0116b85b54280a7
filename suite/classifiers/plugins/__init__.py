"""Classifier networks, one module each."""

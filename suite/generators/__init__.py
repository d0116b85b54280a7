"""Generators of labelled synthetic images, one module or package each."""

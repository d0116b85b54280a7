"""Makers of labelled synthetic images: one file a generator."""

"""Filters, which keep the useful ones of synthetic images: one file each."""

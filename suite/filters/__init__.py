"""Filters, which select useful synthetic images, one module each."""

"""Recipes that draw pictures of real and synthetic images."""

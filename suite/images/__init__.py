"""Labelled images in memory, and recipes of image sets and mixtures."""

from suite.images.first_per_class import FirstPerClass
from suite.images.image_set import ImageSet
from suite.images.mixture import Mixture

__all__ = ["FirstPerClass", "ImageSet", "Mixture"]

"""Labelled images in memory, sets of them as recipes, and how sets are mixed."""

from suite.images.image_set import ImageSet
from suite.images.mixture import Mixture
from suite.images.portion import Portion

__all__ = ["ImageSet", "Mixture", "Portion"]

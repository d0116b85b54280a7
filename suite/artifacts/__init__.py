"""Recipes, the artifacts they make, and the store that keeps them."""

from suite.artifacts.artifact import Artifact
from suite.artifacts.recipe import Recipe
from suite.artifacts.store import Store
from suite.artifacts.work import Download, Work
from suite.artifacts.workbench import Places, Workbench

__all__ = ["Artifact", "Download", "Places", "Recipe", "Store", "Work", "Workbench"]

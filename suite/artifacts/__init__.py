"""Recipes, the artifacts built from them, and the store that holds the artifacts."""

from suite.artifacts.artifact import Artifact
from suite.artifacts.build_context import BuildContext
from suite.artifacts.cost import CostEstimate, Download
from suite.artifacts.data_paths import DataPaths
from suite.artifacts.recipe import Recipe
from suite.artifacts.store import Store

__all__ = ["Artifact", "BuildContext", "CostEstimate", "DataPaths", "Download", "Recipe", "Store"]

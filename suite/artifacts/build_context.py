"""The workbench: what a build may use besides its recipe, and where it puts what it makes."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from suite.artifacts.artifact import Artifact
from suite.artifacts.data_paths import DataPaths
from suite.artifacts.files import write_json, write_tensors
from suite.artifacts.manifest import Described
from suite.artifacts.store import Store
from suite.errors import Diverged

if TYPE_CHECKING:
    import numpy as np

ProgressCallback = Callable[[int, int], None]


class BuildContext:
    """What ``Recipe.build`` is handed.

    Attributes:
        recipe: The recipe that is being built.
        device: Name of the torch device to compute on: ``cpu``, ``cuda``, ``cuda:1``, ``mps``.
        data_paths: Where data lies on this machine.
        payload: Directory whose files become the artifact.
        scratch: Directory for checkpoints; it survives an interruption and is gone once the artifact is whole.
    """

    def __init__(
        self,
        store: Store,
        recipe: Described,
        *,
        device: str,
        data_paths: DataPaths,
        progress: ProgressCallback | None = None,
    ) -> None:
        self.store = store
        self.recipe = recipe
        self.device = device
        self.data_paths = data_paths
        self.scratch = store.workspace(recipe.key) / "scratch"
        self.payload = store.payload(recipe.key)
        self._progress = progress

    def artifact(self, recipe: Described) -> Artifact:
        """Return a dependency's artifact; raises BadArtifact if the store has lost it."""
        return self.store.get(recipe)

    def progress(self, done: int, total: int) -> None:
        """Say how far the build is, in steps of its own choosing."""
        if self._progress is not None:
            self._progress(done, total)

    def write_json(self, name: str, value: Any) -> None:
        """Add a JSON file to the payload; raises Diverged if a number in it is not finite."""
        try:
            write_json(self.payload / name, value)
        except ValueError as error:
            raise Diverged(f"{self.recipe.label}: {name} cannot hold what was found ({error})") from error

    def write_tensors(self, name: str, tensors: "dict[str, np.ndarray]") -> None:
        """Add a safetensors file to the payload."""
        write_tensors(self.payload / name, tensors)

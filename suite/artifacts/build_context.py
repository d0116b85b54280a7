"""The build context: what a build can use besides its recipe, and where it writes its output."""

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
    """The argument of ``Recipe.build``.

    Attributes:
        store: Store with the artifacts of the dependencies.
        recipe: Recipe that is being built.
        device: Name of the torch device to compute on: ``cpu``, ``cuda``, ``cuda:1``, ``mps``.
        data_paths: Where data and caches are on this machine.
        payload: Directory whose files become the artifact.
        scratch: Directory for checkpoints. It survives an interruption and is removed after publication.
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
        """Return the artifact of a dependency; raise BadArtifact if it is not in the store."""
        return self.store.get(recipe)

    def progress(self, done: int, total: int) -> None:
        """Report progress.

        Args:
            done: Finished units of work; the build chooses the unit.
            total: All units of work.
        """
        if self._progress is not None:
            self._progress(done, total)

    def write_json(self, name: str, value: Any) -> None:
        """Add a JSON file to the payload.

        Args:
            name: File name relative to the payload.
            value: JSON value.

        Raises:
            Diverged: If the value contains NaN or infinity.
        """
        try:
            write_json(self.payload / name, value)
        except ValueError as error:
            raise Diverged(f"{self.recipe.label}: cannot write {name} ({error})") from error

    def write_tensors(self, name: str, tensors: "dict[str, np.ndarray]") -> None:
        """Add a safetensors file to the payload.

        Args:
            name: File name relative to the payload.
            tensors: Arrays by name.
        """
        write_tensors(self.payload / name, tensors)

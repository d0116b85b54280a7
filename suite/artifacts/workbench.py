"""The workbench: what a build may use besides its recipe, and where it puts what it makes."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from suite.artifacts.artifact import Artifact
from suite.artifacts.files import write_json, write_tensors
from suite.artifacts.recipe import Recipe
from suite.artifacts.store import Store
from suite.errors import Diverged

if TYPE_CHECKING:
    import numpy as np

Progress = Callable[[int, int], None]


class Places(BaseModel):
    """Where things lie on this machine: facts of a run, in no key.

    Attributes:
        data_roots: Directories that may hold datasets.
        alone: The one dataset to look at, a directory or a zip, instead of data roots.
        cache: Directory for downloads.
        download: Whether missing files may be fetched.
        folders: Name of a ``folder`` generator's image set to its directory or zip.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_roots: tuple[Path, ...] = ()
    alone: Path | None = None
    cache: Path = Path(".store/downloads")
    download: bool = False
    folders: dict[str, Path] = Field(default_factory=dict)


class Workbench:
    """What ``Recipe.build`` is handed.

    Attributes:
        recipe: The recipe that is being built.
        device: Name of the torch device to compute on: ``cpu``, ``cuda``, ``cuda:1``, ``mps``.
        places: Where data lies on this machine.
        payload: Directory whose files become the artifact.
        scratch: Directory for checkpoints; it survives an interruption and is gone once the artifact is whole.
    """

    def __init__(
        self, store: Store, recipe: Recipe, *, device: str, places: Places, progress: Progress | None = None
    ) -> None:
        self.store = store
        self.recipe = recipe
        self.device = device
        self.places = places
        self.scratch = store.workspace(recipe.key) / "scratch"
        self.payload = store.payload(recipe.key)
        self._progress = progress

    def artifact(self, recipe: Recipe) -> Artifact:
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

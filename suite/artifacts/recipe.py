"""A recipe: the frozen, complete description of one thing to be made."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict

from suite.artifacts.build_context import BuildContext
from suite.artifacts.cost import CostEstimate, Download
from suite.artifacts.data_paths import DataPaths
from suite.artifacts.files import not_a_number
from suite.artifacts.manifest import key_of
from suite.artifacts.resources import ResourceRequest
from suite.errors import Diverged


class Recipe(BaseModel, ABC):
    """One step of the work, with every setting that changes what it makes.

    A recipe's fields are settings or other recipes; the fields that are recipes are what it depends on, so
    that a recipe is at once a node and the whole graph above it. What does not change the bytes (the device,
    where files lie, how often a checkpoint is written) is no field: it comes with the workbench.

    Class attributes:
        step: Name of the step, unique among all recipes.
        version: Raised whenever the step makes something else from the same fields.
        code: Modules that decide the bytes; a test notices when they change and ``version`` does not.
        imports: Heavy modules that ``build`` imports, so that a pool of workers can have them ready.
        finite: Whether infinity in a tensor is a failure; NaN always is.
        demand: What ``build`` takes up, so that a cluster knows where there is room for it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=False)

    step: ClassVar[str]
    version: ClassVar[int]
    code: ClassVar[tuple[str, ...]] = ()
    imports: ClassVar[tuple[str, ...]] = ()
    finite: ClassVar[bool] = True
    resources: ClassVar[ResourceRequest] = ResourceRequest()

    @cached_property
    def key(self) -> str:
        """Return the 32 hexadecimal digits under which the store keeps this recipe's artifact."""
        return key_of(self.description)

    @cached_property
    def description(self) -> dict[str, Any]:
        """Return the recipe as JSON values, each recipe it depends on replaced by its key."""
        fields = {name: _describe(getattr(self, name)) for name in type(self).model_fields}
        return {"step": self.step, "version": self.version, "fields": fields}

    @cached_property
    def dependencies(self) -> tuple["Recipe", ...]:
        """Return the recipes this one reads, each once, in the order of the fields."""
        found = {}
        for name in type(self).model_fields:
            for recipe in _recipes_in(getattr(self, name)):
                found[recipe.key] = recipe
        return tuple(found.values())

    @property
    def label(self) -> str:
        """Return a few words for progress bars and messages, the seed among them; no part of the key."""
        seed = getattr(self, "seed", None)
        return self.step if seed is None else f"{self.step}, seed {seed}"

    @property
    def needed(self) -> tuple[str, ...]:
        """Return the modules that ``build`` imports: the heavy ones, and those of its code."""
        return (*self.imports, *self.code)

    @property
    def cost(self) -> CostEstimate:
        """Return what building it is estimated to take; no part of the key."""
        return CostEstimate()

    def downloads(self, data_paths: DataPaths) -> tuple[Download, ...]:  # noqa: ARG002 - for those who fetch
        """Return what building it would fetch, because it is not on this machine yet."""
        return ()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:  # noqa: ARG002
        """Return a validated copy; unlike pydantic's own it does not take the key of the original with it."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return self.model_validate({**fields, **(update or {})})

    @abstractmethod
    def build(self, context: BuildContext) -> None:
        """Make the payload with what the workbench offers; the same bytes each time."""

    def inspect(self, context: BuildContext) -> None:
        """Check a finished payload before it is published.

        Raises:
            Diverged: If a tensor holds NaN, or infinity where that means nothing.
            SuiteError: If a step finds that it is not what was asked for.
        """
        for path in sorted(context.payload.rglob("*.safetensors")):
            if (name := not_a_number(path, infinite=not self.finite)) is not None:
                place = path.relative_to(context.payload).as_posix()
                raise Diverged(f"{self.label}: {name} in {place} is not finite: change the settings")


def _describe(value: Any) -> Any:
    if isinstance(value, Recipe):
        return {"recipe": value.key}
    if isinstance(value, BaseModel):
        return {name: _describe(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, tuple | list):
        return [_describe(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _describe(item) for name, item in value.items()}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a recipe cannot hold a {type(value).__name__}: use JSON values, models, tuples or recipes")


def _recipes_in(value: Any) -> Iterator[Recipe]:
    if isinstance(value, Recipe):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _recipes_in(getattr(value, name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _recipes_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _recipes_in(item)

"""A recipe: the frozen and complete description of one build step."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict

from suite.artifacts.build_context import BuildContext
from suite.artifacts.cost import CostEstimate, Download
from suite.artifacts.data_paths import DataPaths
from suite.artifacts.files import first_non_finite_tensor
from suite.artifacts.manifest import key_of
from suite.artifacts.resources import ResourceRequest
from suite.errors import Diverged


class Recipe(BaseModel, ABC):
    """One build step with every setting that changes its artifact.

    A recipe's fields are settings or other recipes. The recipes among the fields are its dependencies, so that a recipe
    is both a node and the whole graph of what it depends on. What does not change the artifact (the device, file
    locations, the checkpoint interval) is not a field; the build context provides it.

    Class attributes:
        step: Name of the step, unique among all recipes.
        version: Raised whenever the step builds something else from the same fields.
        code: Modules that determine the artifact; a test notices when they change and ``version`` does not.
        imports: Heavy modules that ``build`` imports, so that workers can import them in advance.
        finite: Whether infinity in a tensor is an error; NaN always is.
        resources: What ``build`` needs, so that a cluster can place it.
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
        """Return the 32 hexadecimal digits that identify this recipe's artifact in the store."""
        return key_of(self.description)

    @cached_property
    def description(self) -> dict[str, Any]:
        """Return the recipe as JSON values, with each dependency replaced by its key."""
        fields = {name: _describe(getattr(self, name)) for name in type(self).model_fields}
        return {"step": self.step, "version": self.version, "fields": fields}

    @cached_property
    def dependencies(self) -> tuple["Recipe", ...]:
        """Return the recipes whose artifacts this one reads, without duplicates, in the order of the fields."""
        found = {}
        for name in type(self).model_fields:
            for recipe in _recipes_in(getattr(self, name)):
                found[recipe.key] = recipe
        return tuple(found.values())

    @property
    def label(self) -> str:
        """Return a short name for progress bars and messages, with the seed if there is one. Not part of the key."""
        seed = getattr(self, "seed", None)
        return self.step if seed is None else f"{self.step}, seed {seed}"

    @property
    def required_modules(self) -> tuple[str, ...]:
        """Return the modules that ``build`` imports: ``imports`` and ``code``."""
        return (*self.imports, *self.code)

    @property
    def cost(self) -> CostEstimate:
        """Return the estimated cost of building it. Not part of the key."""
        return CostEstimate()

    def downloads(self, data_paths: DataPaths) -> tuple[Download, ...]:  # noqa: ARG002 - subclasses use it
        """Return what a build would download because it is not on this machine yet."""
        return ()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:  # noqa: ARG002
        """Return a validated copy; unlike pydantic's own method it does not copy the cached key."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return self.model_validate({**fields, **(update or {})})

    @abstractmethod
    def build(self, context: BuildContext) -> None:
        """Write the payload, with the same bytes each time, using what the build context provides."""

    def inspect(self, context: BuildContext) -> None:
        """Check a finished payload before it is published.

        Raises:
            Diverged: If a tensor contains NaN, or infinity although ``finite`` is set.
            SuiteError: If a step finds that the payload does not match the recipe.
        """
        for path in sorted(context.payload.rglob("*.safetensors")):
            if (name := first_non_finite_tensor(path, allow_infinity=not self.finite)) is not None:
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
    raise TypeError(f"a recipe cannot contain a {type(value).__name__}: use JSON values, models, tuples or recipes")


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

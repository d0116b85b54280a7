"""Profiles: the compute budget of every stage, read from a TOML file."""

import tomllib
from importlib.resources import files
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from suite.compute import Compute
from suite.errors import UsageError, first_mistake
from suite.planning.variants import Sweep


class DataBudget(BaseModel):
    """Number and size of the real images.

    Attributes:
        image_size: Height and width in pixels.
        per_class: Training images per class, at most; None is all.
        imbalance: How many times as many training images the first class has as the last one; the numbers fall
            exponentially in the order of the classes.
        test_per_class: Test images per class, at most; None is all.
        validation: Share of each class of the train split that is used for validation and never trained on.
        split_seed: Seed of the validation split and of the selection of images.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    image_size: Annotated[int, Field(ge=4)] = 32
    per_class: Annotated[int, Field(ge=2)] | None = None
    imbalance: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 1.0
    test_per_class: Annotated[int, Field(ge=1)] | None = None
    validation: Annotated[float, Field(gt=0, lt=1)] = 0.1
    split_seed: int = 0


class MetricBudget(BaseModel):
    """Metrics and their feature spaces.

    Attributes:
        extractors: Names of feature extractors; one whose weights are missing is left out, with the reason.
        sides: Input height and width of an extractor in pixels, if not its default.
        seed: Seed of the metrics that draw random numbers.
        smallest_effect: Smallest accuracy difference of interest, in points.
        alpha: One minus the confidence level of the intervals of mean accuracies.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    extractors: tuple[str, ...] = ("efficientnet-lite0",)
    sides: dict[str, Annotated[int, Field(ge=32)]] = Field(default_factory=dict)
    seed: int = 0
    smallest_effect: Annotated[float, Field(gt=0)] = 1.0
    alpha: Annotated[float, Field(gt=0, lt=1)] = 0.05


class Budget(BaseModel):
    """The compute budget of one dataset.

    Attributes:
        title: What the profile is for.
        max_seeds: Largest number of classifier seeds of a cell; only cells that are undecided get so many.
        most_seeds_of: A smaller number for single classifiers, by name.
        generator_seeds: 1 is one trained generator for all classifier seeds. If more, every classifier seed has a
            generator of its own, and there are at most this many.
        compute: Precision, memory format and threads.
        data: Number and size of the real images.
        classifier: Settings of each classifier by name, validated by its own settings class.
        generator: Settings of each generator by name, validated by its own settings class.
        filter: Settings of each filter by name, validated by its own settings class.
        metrics: Metrics and their feature spaces.
        sweep: Values of each sweep axis.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    max_seeds: Annotated[int, Field(ge=1)] = 12
    most_seeds_of: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    generator_seeds: Annotated[int, Field(ge=1)] = 1
    compute: Compute = Compute()
    data: DataBudget = DataBudget()
    classifier: dict[str, dict[str, Any]] = Field(default_factory=dict)
    generator: dict[str, dict[str, Any]] = Field(default_factory=dict)
    filter: dict[str, dict[str, Any]] = Field(default_factory=dict)
    metrics: MetricBudget = MetricBudget()
    sweep: Sweep = Sweep()


class Profile:
    """A named budget, with exceptions for single datasets.

    Args:
        name: Name on the command line.
        settings: Content of the TOML file: a ``Budget``, and tables ``dataset.<name>`` that override parts of it.
    """

    def __init__(self, name: str, settings: dict[str, Any]) -> None:
        self.name = name
        self._exceptions: Any = settings.get("dataset", {})
        self._base = {key: value for key, value in settings.items() if key != "dataset"}
        self._changes: dict[str, Any] = {}

    @property
    def base(self) -> Budget:
        """The budget of a dataset without exceptions."""
        return self.budget("")

    def budget(self, dataset: str) -> Budget:
        """Return the budget of one dataset; raises UsageError that names the first invalid setting."""
        exceptions = self._exceptions if isinstance(self._exceptions, dict) else {dataset: self._exceptions}
        exception = exceptions.get(dataset, {})
        if not isinstance(exception, dict):
            raise UsageError(f"profile {self.name}, dataset {dataset}: not a table")
        try:
            return Budget.model_validate(_merged(_merged(self._base, exception), self._changes))
        except ValidationError as error:
            raise UsageError(f"profile {self.name}, dataset {dataset}, {first_mistake(error)}") from error

    def changed(self, settings: dict[str, Any]) -> "Profile":
        """Return this profile with ``settings`` that override it for every dataset; for tuning."""
        other = Profile(self.name, {**self._base, "dataset": self._exceptions})
        other._changes = _merged(self._changes, settings)
        return other


def profile_names() -> tuple[str, ...]:
    """Return the names of the profiles that come with the suite."""
    return tuple(sorted(path.name.removesuffix(".toml") for path in _folder().iterdir() if path.name.endswith(".toml")))


def load_profile(name: str) -> Profile:
    """Return the profile called ``name``; raises UsageError that names the choices."""
    if name not in profile_names():
        raise UsageError(f"unknown profile {name!r}: choose from {', '.join(profile_names())}")
    return Profile(name, tomllib.loads((_folder() / f"{name}.toml").read_text(encoding="utf-8")))


def _folder() -> Any:
    return files("suite.planning.profiles")


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return ``base`` overridden by ``over``: tables are merged, other values replaced."""
    merged = dict(base)
    for name, value in over.items():
        inner = merged.get(name)
        merged[name] = _merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged

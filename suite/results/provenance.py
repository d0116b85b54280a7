"""Provenance of a result: data, software and machines, and the steps that produced it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath

from pydantic import BaseModel, ConfigDict, Field

from suite.artifacts import Recipe, Store
from suite.datasets.checks import Check
from suite.datasets.locate import LocatedDataset
from suite.engines.build import in_order


class ProvenanceModel(BaseModel):
    """Base of the models of provenance: frozen, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DatasetFacts(ProvenanceModel):
    """Facts about a dataset and the files it was read from. Paths are not among them, because reports are published.

    Attributes:
        name: Name in options, ids and reports.
        title: Name in prose.
        version: Release of the images.
        licence: Terms of use.
        citation: The publication to cite.
        url: Source of the dataset.
        content: Hash over classes, labels, groups and pixels of all images.
        classes: Class names in the order of the labels.
        train: Images per class in the train split.
        test: Images per class in the test split.
        checks: The outcome of every check on the images; empty in old reports.
        settings: Configuration as text: stage (``data``, ``classifier``, a generator, ``metrics``, ``compute``) to name
            of the setting to value. Empty in old reports.
    """

    name: str
    title: str
    version: str
    licence: str
    citation: str
    url: str
    content: str
    classes: tuple[str, ...]
    train: tuple[int, ...]
    test: tuple[int, ...]
    checks: tuple[Check, ...] = ()
    settings: dict[str, dict[str, str]] = Field(default_factory=dict)


class Environment(ProvenanceModel):
    """Where artifacts were built. This differs between runs and is not part of any key.

    Attributes:
        machines: Operating systems and processors.
        devices: Devices that artifacts were computed on.
        versions: Python and libraries, each with every version that was used.
    """

    machines: tuple[str, ...]
    devices: tuple[str, ...]
    versions: dict[str, tuple[str, ...]]


class PipelineStep(ProvenanceModel):
    """All recipes of one step: a box in the diagram of the pipeline.

    Attributes:
        step: Name of the step.
        count: Number of recipes.
        reads: Steps whose artifacts the step reads.
    """

    step: str
    count: int
    reads: tuple[str, ...]


def dataset_facts(located: LocatedDataset, settings: Mapping[str, BaseModel]) -> DatasetFacts:
    """Return the facts about a dataset for a report.

    Args:
        located: The dataset.
        settings: The settings of each stage.
    """
    card, content = located.card, located.content
    return DatasetFacts(
        name=card.name,
        title=card.title,
        version=card.version,
        licence=card.licence,
        citation=card.citation,
        url=card.url,
        content=content.id,
        classes=content.classes,
        train=content.train,
        test=content.test,
        checks=located.checks,
        settings={stage: texts for stage, model in settings.items() if (texts := dict(_setting_texts(model)))},
    )


def _setting_texts(settings: BaseModel, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield name and value of every setting as text; names of nested settings are joined with dots."""
    for name in (name for name, field in type(settings).model_fields.items() if field.repr):
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from _setting_texts(value, f"{prefix}{name}.")
        else:
            yield prefix + name, _text(value)


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(inner)}" for name, inner in value.items()) or "none"
    if isinstance(value, tuple | list):
        return ", ".join(map(_text, value)) or "none"
    if isinstance(value, str) and PurePath(value).is_absolute():
        return PurePath(value).name  # reports are published
    return "none" if value is None else str(value)


def environment(recipes: Iterable[Recipe], store: Store) -> Environment | None:
    """Return where the artifacts of these recipes were built; None if none of them is in the store."""
    artifacts = (store.find(recipe) for recipe in {recipe.key: recipe for recipe in recipes}.values())
    runs = [artifact.run for artifact in artifacts if artifact is not None and artifact.run]
    versions: dict[str, set[str]] = {}
    for run in runs:
        for name, version in run.get("versions", {}).items():
            versions.setdefault(name, set()).add(str(version))
    if not runs:
        return None
    return Environment(
        machines=tuple(sorted({str(run.get("machine", "unknown")) for run in runs})),
        devices=tuple(sorted({str(run.get("device", "unknown")) for run in runs})),
        versions={name: tuple(sorted(versions[name])) for name in sorted(versions)},
    )


def pipeline(targets: Iterable[Recipe]) -> tuple[PipelineStep, ...]:
    """Return the steps that lead to these recipes, in topological order: the plan, grouped by step.

    Of steps that read each other, the step that comes first in the plan is first.
    """
    counts: Counter[str] = Counter()
    reads: dict[str, dict[str, None]] = {}
    for recipe in in_order(*targets):
        counts[recipe.step] += 1
        read = (dependency.step for dependency in recipe.dependencies if dependency.step != recipe.step)
        reads.setdefault(recipe.step, {}).update(dict.fromkeys(read))
    stages: list[PipelineStep] = []
    while remaining := [step for step in reads if step not in {stage.step for stage in stages}]:
        ready = (step for step in remaining if not reads[step].keys() & set(remaining))
        step = next(ready, remaining[0])
        stages.append(PipelineStep(step=step, count=counts[step], reads=tuple(reads[step])))
    return tuple(stages)

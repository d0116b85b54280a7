"""What a result rests on: the data, the software and machines, and the steps by which it was made."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath

from pydantic import BaseModel, ConfigDict, Field

from suite.artifacts import Recipe, Store
from suite.datasets.locate import Located
from suite.engines.build import in_order


class Facts(BaseModel):
    """Base of the models below."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DatasetFacts(Facts):
    """What is known of a dataset and of the files it was read from; no path, for a report is sent to others.

    Attributes:
        name: The word in options, ids and reports.
        title: The name in prose.
        version: Release of the images.
        licence: Terms of use.
        citation: Whom to cite.
        url: Where it comes from.
        content: Hash over classes, labels, groups and pixels of all images.
        classes: Class names in the order of the labels.
        train: Images per class in the train split.
        test: Images per class in the test split.
        leaks: Test images that are in the train split too, pixel for pixel.
        remarks: What was left out or converted.
        settings: What every stage was told, as text: stage (``data``, ``classifier``, a generator, ``metrics``,
            ``compute``) to name to value. Empty in reports that did not say so.
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
    leaks: int = 0
    remarks: tuple[str, ...] = ()
    settings: dict[str, dict[str, str]] = Field(default_factory=dict)


class Environment(Facts):
    """Where artifacts were built: facts of runs, and no part of any key.

    Attributes:
        machines: Operating systems and processors.
        devices: What was computed on.
        versions: Python and libraries, each with every version that took part.
    """

    machines: tuple[str, ...]
    devices: tuple[str, ...]
    versions: dict[str, tuple[str, ...]]


class Stage(Facts):
    """All recipes of one step: a box in the picture of the pipeline.

    Attributes:
        step: Name of the step.
        count: How many recipes.
        reads: Steps whose artifacts it reads.
    """

    step: str
    count: int
    reads: tuple[str, ...]


def dataset_facts(located: Located, settings: Mapping[str, BaseModel]) -> DatasetFacts:
    """Return what a report says of a dataset.

    Args:
        located: The dataset.
        settings: What every stage was told, by stage.
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
        leaks=content.leaks,
        remarks=content.remarks,
        settings={stage: told for stage, given in settings.items() if (told := dict(_told(given)))},
    )


def _told(settings: BaseModel, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield name and value of every setting as text, those of inner models with the inner name before them."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from _told(value, f"{prefix}{name}.")
        else:
            yield prefix + name, _text(value)


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(inner)}" for name, inner in value.items()) or "none"
    if isinstance(value, tuple | list):
        return ", ".join(map(_text, value)) or "none"
    if isinstance(value, str) and PurePath(value).is_absolute():
        return PurePath(value).name  # a report is sent to others
    return "none" if value is None else str(value)


def environment(recipes: Iterable[Recipe], store: Store) -> Environment | None:
    """Return where the artifacts of these recipes were built; None if there are none yet."""
    found = (store.find(recipe) for recipe in {recipe.key: recipe for recipe in recipes}.values())
    runs = [artifact.run for artifact in found if artifact is not None and artifact.run]
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


def pipeline(targets: Iterable[Recipe]) -> tuple[Stage, ...]:
    """Return the steps that lead to these recipes, each after those it reads: the plan, folded by step.

    Where steps read each other, the one stands first that comes first in the plan.
    """
    counts: Counter[str] = Counter()
    reads: dict[str, dict[str, None]] = {}
    for recipe in in_order(*targets):
        counts[recipe.step] += 1
        needed = (one.step for one in recipe.dependencies if one.step != recipe.step)
        reads.setdefault(recipe.step, {}).update(dict.fromkeys(needed))
    stages: list[Stage] = []
    while waiting := [step for step in reads if step not in {stage.step for stage in stages}]:
        ready = (step for step in waiting if not reads[step].keys() & waiting)
        step = next(ready, waiting[0])
        stages.append(Stage(step=step, count=counts[step], reads=tuple(reads[step])))
    return tuple(stages)

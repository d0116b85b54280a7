"""The measurements of a cell: one per metric and generator seed, and their means over generator seeds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from pydantic import Field

from suite.artifacts import Store
from suite.metrics.measurement import Measurement
from suite.metrics.recipes import METRICS
from suite.planning.case_plan import CasePlan


class CellMeasurement(Measurement):
    """One entry of a cell's ``measurements``.

    The generator seed is a fact of the cell and not of the metric, so it is not in the metric's artifact.

    Attributes:
        generator_seed: Which generator seed's images were measured, from 0. Entries of old reports lack it: they are
            of the first one.
    """

    generator_seed: int = Field(default=0, ge=0)


def read_measurements(plan: CasePlan, store: Store) -> Iterator[dict[str, Any]]:
    """Yield every measurement of a cell's synthetic images, with its id and its generator seed.

    Raises:
        BadArtifact: If an artifact is missing or damaged.
    """
    seeds = {images.key: seed for seed, images in reversed(list(enumerate(plan.synthetic)))}
    for recipe in {recipe.key: recipe for recipe in plan.fidelity}.values():
        seed = seeds[recipe.synthetic.features.images.key]
        for name, measured in store.get(recipe).json(METRICS).items():
            yield {"id": name, **measured, "generator_seed": seed}


def generator_seed(measurement: Mapping[str, Any]) -> int:
    """Return the generator seed of an entry of ``measurements``; 0 if the entry does not have one."""
    return int(measurement.get("generator_seed", 0))


def mean_values(measurements: Iterable[Mapping[str, Any]]) -> dict[str, float | None]:
    """Return the mean value of each metric id over generator seeds; None if the value of any seed is None."""
    return {name: _mean([entry["value"] for entry in entries]) for name, entries in _by_id(measurements).items()}


def mean_measurements(measurements: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Return one entry per metric id: the only one, or the mean over generator seeds.

    A mean has no std, interval or p-value: those of the single entries describe one set of images. Names of metrics
    against test images get a suffix, because the same metric against training images has the same name.
    """
    return tuple(
        {**entry, "name": f"{entry['name']}, test split"} if "):test:" in entry["id"] else entry
        for entry in _means(measurements)
    )


def values_by_seed(measurements: Iterable[Mapping[str, Any]], name: str) -> tuple[float | None, ...]:
    """Return the value of the metric with this id for each generator seed, in the order of the seeds."""
    entries = sorted((entry for entry in measurements if entry["id"] == name), key=generator_seed)
    return tuple(entry["value"] for entry in entries)


def _means(measurements: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for entries in _by_id(measurements).values():
        if len(entries) == 1:
            yield dict(entries[0])
        else:
            yield {
                **entries[0],
                "value": _mean([entry["value"] for entry in entries]),
                "per_class": _mean_per_class([entry.get("per_class") for entry in entries]),
                "std": None,
                "interval": None,
                "p": None,
                "note": "; ".join(dict.fromkeys(entry["note"] for entry in entries if entry.get("note"))),
            }


def _by_id(measurements: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    entries: dict[str, list[Mapping[str, Any]]] = {}
    for entry in measurements:
        entries.setdefault(entry["id"], []).append(entry)
    return entries


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    return known[0] if len(known) == 1 else fmean(known)


def _mean_per_class(rows: Sequence[Sequence[float | None] | None]) -> tuple[float | None, ...] | None:
    known = [row for row in rows if row is not None]
    if len(known) < len(rows):
        return None
    return tuple(_mean(column) for column in zip(*known, strict=True))

"""Merge reports: add whole datasets of an earlier run to the results of this one."""

from collections.abc import Iterable

from suite.errors import UsageError
from suite.results.models import ResultsFile
from suite.results.provenance import Environment, PipelineStep


def merged(results: ResultsFile, earlier: ResultsFile) -> ResultsFile:
    """Return ``results`` with those datasets of an earlier run of which it has no finished cell.

    A dataset is taken completely or not at all, because cells of two runs may use different images. Verdicts stay as
    they are. Datasets are sorted by name.

    Args:
        results: The results of this run.
        earlier: The results of another run with the same profile.

    Raises:
        UsageError: If the profiles differ, or the splits that the runs were tested on.
    """
    for setting, value, earlier_value in (
        ("profile", results.profile, earlier.profile),
        ("--evaluate", results.evaluate, earlier.evaluate),
    ):
        if value != earlier_value:
            raise UsageError(
                f"--merge: the earlier run has {setting} {earlier_value}, this one {value}: both must be equal"
            )
    taken = taken_from(results, earlier)
    cells = [cell for cell in results.cells if cell.dataset not in taken]
    cells += [cell for cell in earlier.cells if cell.dataset in taken]
    rows = [row for row in results.discriminators if row.dataset not in taken]
    rows += [row for row in earlier.discriminators if row.dataset in taken]
    datasets = [facts for facts in results.datasets if facts.name not in taken]
    datasets += [facts for facts in earlier.datasets if facts.name in taken]
    return results.model_copy(
        update={
            "command": " && ".join(dict.fromkeys(filter(None, (earlier.command, results.command)))) or None,
            "cells": tuple(sorted(cells, key=lambda cell: (cell.variant is not None, cell.dataset))),
            "discriminators": tuple(sorted(rows, key=lambda row: row.dataset)),
            "datasets": tuple(sorted(datasets, key=lambda facts: facts.name)),
            "environment": _merged_environment(results.environment, earlier.environment),
            "pipeline": _merged_stages((*results.pipeline, *earlier.pipeline)),
            "notes": tuple(dict.fromkeys((*results.notes, *earlier.notes))),
        }
    )


def taken_from(results: ResultsFile, earlier: ResultsFile) -> frozenset[str]:
    """Return the datasets of which ``earlier`` has a finished cell and ``results`` has none."""
    finished, finished_earlier = (
        {cell.dataset for cell in run.cells if cell.status == "done"} for run in (results, earlier)
    )
    return frozenset(finished_earlier - finished)


def _merged_environment(first: Environment | None, second: Environment | None) -> Environment | None:
    if first is None or second is None:
        return first or second
    versions = {
        name: tuple(sorted({*first.versions.get(name, ()), *second.versions.get(name, ())}))
        for name in sorted({*first.versions, *second.versions})
    }
    return Environment(
        machines=tuple(sorted({*first.machines, *second.machines})),
        devices=tuple(sorted({*first.devices, *second.devices})),
        versions=versions,
    )


def _merged_stages(stages: Iterable[PipelineStep]) -> tuple[PipelineStep, ...]:
    """Return one stage per step, in the order of first appearance, with the counts added."""
    merged_stages: dict[str, PipelineStep] = {}
    for stage in stages:
        before = merged_stages.get(stage.step)
        count = stage.count + (before.count if before else 0)
        reads = tuple(dict.fromkeys((*(before.reads if before else ()), *stage.reads)))
        merged_stages[stage.step] = PipelineStep(step=stage.step, count=count, reads=reads)
    return tuple(merged_stages.values())

"""Merging reports: whole datasets of earlier runs beside those of this one."""

from collections.abc import Iterable

from suite.errors import UsageError
from suite.results.corrected_verdicts import with_corrected_verdicts
from suite.results.models import Results
from suite.results.provenance import Environment, Stage


def merged(results: Results, earlier: Results, alpha: float) -> Results:
    """Return ``results`` with the datasets of an earlier run that it has no finished cell of.

    A dataset is taken whole or not at all: cells of two runs may rest on other images. Verdicts are reached anew, since
    Holm's correction counts every cell of the table. Datasets come in the order of their names.

    Args:
        results: What this run found.
        earlier: What another found, with the same profile.
        alpha: Family-wise rate of wrong verdicts.

    Raises:
        UsageError: If the two are not of one profile, or were not tested on the same split.
    """
    for what, ours, theirs in (
        ("profile", results.profile, earlier.profile),
        ("--evaluate", results.evaluate, earlier.evaluate),
    ):
        if ours != theirs:
            raise UsageError(f"--merge: the earlier run has {what} {theirs}, this one {ours}: merge runs of one kind")
    taken = taken_from(results, earlier)
    cells = [cell for cell in results.cells if cell.dataset not in taken]
    cells += [cell for cell in earlier.cells if cell.dataset in taken]
    rows = [row for row in results.discriminators if row.dataset not in taken]
    rows += [row for row in earlier.discriminators if row.dataset in taken]
    facts = [one for one in results.datasets if one.name not in taken]
    facts += [one for one in earlier.datasets if one.name in taken]
    return results.model_copy(
        update={
            "command": " && ".join(dict.fromkeys(filter(None, (earlier.command, results.command)))) or None,
            "cells": with_corrected_verdicts(
                sorted(cells, key=lambda cell: (cell.variant is not None, cell.dataset)), alpha
            ),
            "discriminators": tuple(sorted(rows, key=lambda row: row.dataset)),
            "datasets": tuple(sorted(facts, key=lambda one: one.name)),
            "environment": _both(results.environment, earlier.environment),
            "pipeline": _folded((*results.pipeline, *earlier.pipeline)),
            "notes": tuple(dict.fromkeys((*results.notes, *earlier.notes))),
        }
    )


def taken_from(results: Results, earlier: Results) -> frozenset[str]:
    """Return the datasets of ``earlier`` of which ``results`` has no finished cell, though ``earlier`` has."""
    ours, theirs = ({cell.dataset for cell in one.cells if cell.status == "done"} for one in (results, earlier))
    return frozenset(theirs - ours)


def _both(one: Environment | None, other: Environment | None) -> Environment | None:
    if one is None or other is None:
        return one or other
    versions = {
        name: tuple(sorted({*one.versions.get(name, ()), *other.versions.get(name, ())}))
        for name in sorted({*one.versions, *other.versions})
    }
    return Environment(
        machines=tuple(sorted({*one.machines, *other.machines})),
        devices=tuple(sorted({*one.devices, *other.devices})),
        versions=versions,
    )


def _folded(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    """Return one stage a step, in the order of their first appearance."""
    found: dict[str, Stage] = {}
    for stage in stages:
        before = found.get(stage.step)
        count = stage.count + (before.count if before else 0)
        reads = tuple(dict.fromkeys((*(before.reads if before else ()), *stage.reads)))
        found[stage.step] = Stage(step=stage.step, count=count, reads=reads)
    return tuple(found.values())

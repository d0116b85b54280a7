"""Reading ``results.json`` of earlier versions.

The verdicts of version 2 were made by another procedure and are labelled so. Up to version 3, what was found in the
images stood in several fields, and what was looked for and not found was not written.
"""

import math
from collections.abc import Iterator
from statistics import variance
from typing import Any

from suite.results.copies import copied_by_distance

Z = 1.96


def upgraded(data: dict[str, Any]) -> dict[str, Any]:
    """Return results of version 2 or 3 as results of version 4; other data are returned unchanged.

    Args:
        data: The parsed file, not validated yet.
    """
    if data.get("schema_version") == 2:
        data = _with_new_verdicts(data)
    return _with_checks(data) if data.get("schema_version") == 3 else data


def _with_checks(data: dict[str, Any]) -> dict[str, Any]:
    """Return results of version 3 as results of version 4, with the findings that version 3 has."""
    datasets, cells = data.get("datasets", ()), data["cells"]
    return {
        **data,
        "schema_version": 4,
        "datasets": [{**_without(facts, "leaks", "remarks"), "checks": [*_dataset(facts)]} for facts in datasets],
        "cells": [{**cell, "checks": [*_checks(cell)]} for cell in cells],
    }


def _without(entry: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in names}


def _dataset(facts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if leaks := facts.get("leaks"):
        text = f"{leaks} of {sum(facts['test'])} test images are in the train split too, pixel for pixel"
        yield _found("test images in the train split", "warning", text)
    if remarks := facts.get("remarks"):
        yield _found("remarks on the images", "note", *remarks)


def _checks(cell: dict[str, Any]) -> Iterator[dict[str, Any]]:
    judgement = cell.get("judgement")
    if judgement and judgement["verdict"] == "not valid":
        yield _found("reason of the verdict", "not valid", judgement["reason"])
    if copies := tuple(copied_by_distance(cell.get("measurements") or ())):
        yield _found("copies of training images", "warning", *copies)


def _found(name: str, severity: str, *texts: str) -> dict[str, Any]:
    return {"name": name, "severity": severity, "found": texts, "not_run": ""}


def _with_new_verdicts(data: dict[str, Any]) -> dict[str, Any]:
    """Return results of version 2 as results of version 3.

    Verdicts other than ``helps`` and ``hurts`` become ``undecided``; the old word is the reason. Variances are computed
    from the published accuracies and intervals, so they are approximate.
    """
    cells = data["cells"]
    orgs = {(cell["dataset"], cell["variant"]): cell for cell in cells if cell["mode"] == "org"}
    table1 = {cell["dataset"]: cell for cell in cells if cell["mode"] == "org" and cell["variant"] is None}
    correlations = [
        {**row, "spearman": None, "interval": None, "p": None, "kendall": None, "reason": _REFUSED}
        for row in data.get("correlations", ())
    ]
    new = [_cell(cell, orgs.get((cell["dataset"], cell["variant"])) or table1.get(cell["dataset"])) for cell in cells]
    return {**data, "schema_version": 3, "cells": new, "correlations": correlations}


_REFUSED = "old procedure: SYN and MIX of one generator were counted as two"


def _cell(cell: dict[str, Any], org: dict[str, Any] | None) -> dict[str, Any]:
    old, judgement = cell.get("comparison"), cell.get("judgement")
    if not old or not judgement or not org:
        return {**cell, "comparison": None, "judgement": None}
    word = judgement["verdict"]
    decided = word in ("helps", "hurts")
    tested = (org.get("counts") or cell["counts"])["evaluation"]
    org_mean = cell["mean"] - old["difference"]
    org_width = org["image_interval"] or (org_mean, org_mean)
    return {
        **cell,
        "comparison": {
            "difference": old["difference"],
            "org_accuracy": org_mean,
            "org_standard_error": (org_width[1] - org_width[0]) / 2 / Z,
            "constant_accuracy": 100 * max(tested) / sum(tested),
            "seed_variance": _variance(cell["accuracies"]),
            "org_seed_variance": _variance(org["accuracies"]),
            "image_variance": ((old["image_interval"][1] - old["image_interval"][0]) / 2 / Z) ** 2,
            "n_seeds": old["n_seeds"],
            "n_generator_seeds": old["n_generator_seeds"],
            "n_images": old["n_images"],
        },
        "judgement": {
            "verdict": word if decided else "undecided",
            "interval": old["interval"],
            "seeds": old["n_seeds"],
            "reason": "" if decided else word,
            "old_procedure": True,
        },
    }


def _variance(accuracies: list[float]) -> float | None:
    return variance(accuracies) if len(accuracies) > 1 and all(map(math.isfinite, accuracies)) else None

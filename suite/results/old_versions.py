"""Reading ``results.json`` of version 2: its verdicts were made by another procedure and are labelled so."""

import math
from statistics import variance
from typing import Any

OLD_VERSION = 2
Z = 1.96


def upgraded(data: dict[str, Any]) -> dict[str, Any]:
    """Return results of version 2 as results of version 3; other data are returned unchanged.

    Verdicts other than ``helps`` and ``hurts`` become ``undecided``; the old word is the reason. Variances are computed
    from the published accuracies and intervals, so they are approximate.

    Args:
        data: The parsed file, not validated yet.
    """
    if data.get("schema_version") != OLD_VERSION:
        return data
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

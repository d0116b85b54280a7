"""The tables of ``docs/checks.md``. After a change of the checks or of the planted faults, run this file."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from planted_faults import FAULTS

from suite.datasets.checks import Rule
from suite.datasets.image_checks import DATASET_RULES, IMAGE_RULES, RELEASE_RULES
from suite.results.cell_checks import COMPARISON_RULES, SYNTHETIC_RULES

DOCUMENT = Path(__file__).parents[2] / "docs" / "checks.md"
START, END = "<!-- {}: written by tests/helpers/checks_document.py -->", "<!-- end -->"


def rules_table(rules: Iterable[Rule[Any]]) -> str:
    rows = (f"| {rule.name} | {rule.severity} | {rule.looks_for} |\n" for rule in rules)
    return "| check | severity | what it looks for |\n| --- | --- | --- |\n" + "".join(rows)


def faults_table() -> str:
    rows = (f"| {one.where} | {one.name} | {one.says.strip()} |\n" for one in FAULTS)
    return "| in | planted fault | the suite says |\n| --- | --- | --- |\n" + "".join(rows)


def document() -> str:
    """Return the documentation with its tables written anew."""
    text = DOCUMENT.read_text(encoding="utf-8")
    tables = {
        "images": rules_table(IMAGE_RULES),
        "datasets": rules_table((*DATASET_RULES[len(IMAGE_RULES) :], *RELEASE_RULES)),
        "cells": rules_table((*SYNTHETIC_RULES, *COMPARISON_RULES)),
        "faults": faults_table(),
    }
    for name, table in tables.items():
        before, start, rest = text.partition(START.format(name))
        text = f"{before}{start}\n\n{table}\n{END}{rest.partition(END)[2]}"
    return text


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")

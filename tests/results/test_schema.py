"""The published schema: in step with the model, and true of what is emitted."""

import json
from collections.abc import Callable

import jsonschema
import pytest

from suite.results.bundle import results_json
from suite.results.models import Results
from suite.results.schema import SCHEMA, schema_text


def test_committed_schema_is_in_step_with_the_model():
    assert SCHEMA.read_text("utf-8") == schema_text(), "run python -m suite.results.schema"


def test_emitted_results_are_valid(results: Results):
    emitted = json.loads(results_json(results))
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text()))
    jsonschema.validate(emitted, json.loads(schema_text()))
    assert emitted["schema_version"] == 2
    assert {"profile", "cells", "discriminators"} <= emitted.keys()


@pytest.mark.parametrize(
    ("where", "value"),
    [("schema_version", 1), ("cells", {}), ("unheard of", 1), ("profile", None)],
)
def test_schema_refuses_what_is_not_emitted(results: Results, where: str, value: object):
    wrong = {**json.loads(results_json(results)), where: value}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, json.loads(schema_text()))


def test_results_come_back_as_they_were(make_results: Callable[..., Results]):
    text = results_json(make_results())
    assert results_json(Results.model_validate_json(text)) == text
    assert results_json(make_results()) == text

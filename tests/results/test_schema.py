"""The committed schema: equal to that of the models, and valid for emitted results."""

import json
from collections.abc import Callable

import jsonschema
import pytest

from suite.results.bundle import results_json
from suite.results.models import ResultsFile
from suite.results.schema import SCHEMA, schema_text


def test_committed_schema_is_that_of_the_models():
    assert SCHEMA.read_text("utf-8") == schema_text(), "run python -m suite.results.schema"


def test_emitted_results_are_valid(results: ResultsFile):
    emitted = json.loads(results_json(results))
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text()))
    jsonschema.validate(emitted, json.loads(schema_text()))
    assert emitted["schema_version"] == 4
    assert {"profile", "cells", "discriminators"} <= emitted.keys()


@pytest.mark.parametrize(
    ("field", "value"),
    [("schema_version", 1), ("cells", {}), ("unknown", 1), ("profile", None)],
)
def test_schema_refuses_invalid_results(results: ResultsFile, field: str, value: object):
    invalid = {**json.loads(results_json(results)), field: value}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(invalid, json.loads(schema_text()))


def test_results_are_read_back_unchanged(make_results: Callable[..., ResultsFile]):
    text = results_json(make_results())
    assert results_json(ResultsFile.model_validate_json(text)) == text
    assert results_json(make_results()) == text

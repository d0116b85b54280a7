"""The JSON schema of ``results.json``. Run ``python -m suite.results.schema`` after a change of the models."""

import json
from pathlib import Path

from suite.results.models import ResultsFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA = Path(__file__).with_name("results.schema.json")


def schema_text() -> str:
    """Return the JSON schema of ``results.json`` as text."""
    schema = ResultsFile.model_json_schema(mode="serialization")
    return json.dumps({"$schema": DIALECT, **schema}, indent=1) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")

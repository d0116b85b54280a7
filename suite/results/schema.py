"""The published schema of ``results.json``. After a change of the model: ``python -m suite.results.schema``."""

import json
from pathlib import Path

from suite.results.models import Results

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA = Path(__file__).with_name("results.schema.json")


def schema_text() -> str:
    """Return the JSON Schema of what a report writes."""
    schema = Results.model_json_schema(mode="serialization")
    return json.dumps({"$schema": DIALECT, **schema}, indent=1) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")

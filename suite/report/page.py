"""The report as one page: self-contained, nothing from outside, nothing that runs but its own few lines."""

import hashlib
import json
from base64 import b64encode
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from suite.pictures.grid import COLUMNS
from suite.pictures.picture import picture_name
from suite.report import view
from suite.report.answers import answers, compared
from suite.report.caveats import caveats
from suite.report.changes import compare
from suite.report.configuration import designs
from suite.report.costs import costs, totals
from suite.report.numbers import correlation, points, probability
from suite.report.pipeline import draw_pipeline
from suite.report.tables import deviations, reasons, remarks, table1
from suite.results.models import Results

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("templates")
TYPES = {".svg": "image/svg+xml", ".webp": "image/webp"}
SYMBOLS = {"helps": "▲", "hurts": "▼", "no evidence": "●", "too few seeds": "◇"}


def page(results: Results, pictures: Mapping[str, bytes], earlier: Results | None = None) -> str:
    """Return the report as HTML: the same text for the same results and pictures.

    Args:
        results: What was found.
        pictures: File name to content: figures, thumbnails and their captions; what is not there is left out.
        earlier: An earlier run, to say what changed since.
    """
    style, script = (_read(name) for name in ("page.css", "page.js"))
    captions = {name: json.loads(content) for name, content in pictures.items() if name.endswith(".json")}
    columns, rows = view.table1_view(results)
    training_cost, ways = costs(results), compared(results.cells)
    return (
        _environment()
        .get_template("page.html")
        .render(
            results=results,
            policy="; ".join(
                (
                    "default-src 'none'",
                    "img-src data:",
                    f"style-src {_source(style)}",
                    f"script-src {_source(script)}",
                    "base-uri 'none'",
                    "form-action 'none'",
                )
            ),
            style=style,
            script=script,
            answers=answers(results),
            changes=None if earlier is None else compare(earlier, results),
            remarks=defaultdict(tuple, remarks(results)),
            facts=dict(view.facts(results)),
            designs=designs(results),
            columns=columns,
            rows=rows,
            table1_notes=table1(results).notes,
            has_paper=any(cell.paper is not None for cell in results.cells),
            deviations=deviations(results),
            caveats=caveats(results),
            reasons=reasons(results),
            ways=ways,
            image_sets=len({(way.cell.dataset, way.cell.generator) for way in ways}),
            anchors={cell.case.id: f"made-{number}" for number, cell in enumerate(results.cells, 1)},
            swept=[cell for cell in results.cells if cell.variant is not None],
            fidelity=view.fidelity_view(results),
            albums=view.albums(results, pictures, captions),
            costs=training_cost,
            totals=totals(training_cost),
            pipeline=draw_pipeline(results.pipeline),
            settings=view.settings_view(results),
            images={name: _uri(name, content) for name, content in pictures.items() if Path(name).suffix in TYPES},
        )
    )


def _source(text: str) -> str:
    """Return how a content security policy names an inline style or script."""
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _uri(name: str, content: bytes) -> str:
    return f"data:{TYPES[Path(name).suffix]};base64,{b64encode(content).decode()}"


def _read(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {**view.FILTERS, "points": points, "probability": probability, "correlation": correlation}
    made.globals |= {"picture_name": picture_name, "symbols": SYMBOLS, "thumbnails_a_row": COLUMNS}
    return made

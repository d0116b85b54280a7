"""Render the report as one self-contained HTML page: no external resources, and no script other than its own."""

import hashlib
import json
from base64 import b64encode
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from suite.pictures.picture import picture_name
from suite.pictures.sheet_layout import COLUMNS
from suite.report import numbers, view
from suite.report.answers import answers
from suite.report.audit_view import audited_sets
from suite.report.calibration_table import calibration_table
from suite.report.changes import compare
from suite.report.check_table import check_tables
from suite.report.comparisons import JOINT_LEVEL, compared, seeds_text, verdict_detail
from suite.report.corruptions import corruption_table
from suite.report.costs import costs, totals
from suite.report.experimental_setup import experimental_setup
from suite.report.pipeline import draw_pipeline
from suite.report.subgroup_tables import subgroup_tables
from suite.report.sweep_tables import long_tail_table, strength_table
from suite.report.tables import NOT_VALID_MARK, deviations, reasons, remarks, table1
from suite.results.models import ResultsFile
from suite.statistics.looks import LOOKS

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("templates")
MEDIA_TYPES = {".svg": "image/svg+xml", ".webp": "image/webp"}
VERDICT_SYMBOLS = {"helps": "▲", "hurts": "▼", "no practical difference": "●", "undecided": "◇", "not valid": "✕"}
FILTERS = {
    "correlation": numbers.correlation,
    "count": numbers.count,
    "detail": verdict_detail,
    "duration": numbers.duration,
    "memory": numbers.memory,
    "percent": numbers.percent,
    "points": numbers.points,
    "probability": numbers.probability,
    "seeds": seeds_text,
    "short": numbers.short,
    "sort_value": numbers.sort_value,
    "span": numbers.span,
}


def page(results: ResultsFile, pictures: Mapping[str, bytes], earlier: ResultsFile | None = None) -> str:
    """Return the report as HTML; equal arguments give equal text.

    Args:
        results: The results of the run.
        pictures: Content by file name: figures, thumbnails and their captions. Sections without pictures are left out.
        earlier: Results of an earlier run, for a section with the changes since then.
    """
    style, script = (_template_text(name) for name in ("page.css", "page.js"))
    captions = {name: json.loads(content) for name, content in pictures.items() if name.endswith(".json")}
    columns, rows = view.table1_view(results)
    cell_costs, comparisons = costs(results), compared(results.cells)
    return (
        _environment()
        .get_template("page.html")
        .render(
            results=results,
            policy="; ".join(
                (
                    "default-src 'none'",
                    "img-src data:",
                    f"style-src {_policy_source(style)}",
                    f"script-src {_policy_source(script)}",
                    "base-uri 'none'",
                    "form-action 'none'",
                )
            ),
            style=style,
            script=script,
            answers=answers(results),
            changes=None if earlier is None else compare(earlier, results),
            remarks=defaultdict(tuple, remarks(results)),
            image_counts=view.image_counts(results),
            setups=experimental_setup(results),
            columns=columns,
            rows=rows,
            table1_notes=[
                note for note in table1(results).notes if not note.startswith(NOT_VALID_MARK)
            ],  # in words here
            has_paper=any(cell.paper is not None for cell in results.cells),
            deviations=deviations(results),
            checks=check_tables(results),
            reasons=reasons(results),
            comparisons=comparisons,
            anchors={cell.case.id: f"cell-{number}" for number, cell in enumerate(results.cells, 1)},
            sweep_tables=[
                table
                for table in (strength_table(results), long_tail_table(results), corruption_table(results))
                if table.rows
            ],
            subgroup_tables=subgroup_tables(results),
            calibration=calibration_table(results),
            swept=[cell for cell in results.cells if cell.variant is not None],
            fidelity=view.fidelity_view(results),
            audits=audited_sets(results, pictures, captions),
            dataset_images=view.images_view(results, pictures, captions),
            costs=cell_costs,
            totals=totals(cell_costs),
            pipeline=draw_pipeline(results.pipeline),
            settings=view.settings_view(results),
            images={
                name: _data_uri(name, content) for name, content in pictures.items() if Path(name).suffix in MEDIA_TYPES
            },
        )
    )


def _policy_source(text: str) -> str:
    """Return the source expression of a content security policy that allows one inline style or script."""
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _data_uri(name: str, content: bytes) -> str:
    return f"data:{MEDIA_TYPES[Path(name).suffix]};base64,{b64encode(content).decode()}"


def _template_text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    environment.globals |= {"picture_name": picture_name, "symbols": VERDICT_SYMBOLS, "images_per_row": COLUMNS}
    environment.globals |= {"joint_level": JOINT_LEVEL, "looks": LOOKS}
    return environment

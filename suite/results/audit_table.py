"""The table of the images of a synthetic set, ``*synthetic_images.csv`` in the report."""

import csv
import io
from collections.abc import Iterable, Sequence

from suite.artifacts import Store
from suite.audit.audit import TABLE
from suite.pictures.picture import table_name
from suite.planning.case_plan import CasePlan


def audit_table(plan: CasePlan, store: Store, sources: Sequence[str]) -> dict[str, bytes]:
    """Return the table of a cell's synthetic images as CSV, by its file name; nothing for a cell without an audit.

    Args:
        plan: The recipes of the cell.
        store: Where the audit is.
        sources: File name of each image; empty if they have none.

    Raises:
        BadArtifact: If the audit is missing or damaged.
    """
    if plan.audit is None:
        return {}
    table, classes = store.get(plan.audit).tensors(TABLE), plan.located.content.classes
    filters = tuple(plan.audit.read(store).filters)
    count = len(table["label"])
    columns: dict[str, Iterable[str]] = {
        "index": map(str, range(count)),
        "source": sources or [""] * count,
        "label": (classes[label] for label in table["label"]),
        "predicted": (classes[label] for label in table["predicted"]),
        "probability": (f"{value:.6f}" for value in table["probability"]),
        "nearest_train_distance": (f"{value:.6g}" for value in table["nearest_train_distance"]),
        "is_copy": map(_word, table["is_copy"]),
        "duplicate_of": ("" if index < 0 else str(index) for index in table["duplicate_of"]),
        "in_manifold": map(_word, table["in_manifold"]) if "in_manifold" in table else [""] * count,
        "influence": (f"{value:.6g}" for value in table["influence"]) if "influence" in table else [""] * count,
        "kept_by": (
            " ".join(name for name, keep in zip(filters, row, strict=True) if keep) for row in table["kept"].tolist()
        ),
    }
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return {table_name(plan.case.dataset, str(plan.case.generator)): text.getvalue().encode()}


def _word(value: bool) -> str:
    return "yes" if value else "no"

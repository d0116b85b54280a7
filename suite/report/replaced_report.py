"""What a report had that the report written over it does not have."""

from suite.datasets.naming import quoted
from suite.results.models import ResultsFile


def replaced(before: ResultsFile, now: ResultsFile) -> str:
    """Return a sentence that says which results are lost when a report is written over; empty if none are.

    Args:
        before: The results of the report that was there.
        now: The results that replace them.
    """
    contents = {facts.name: facts.content for facts in now.datasets}
    changed = [facts.name for facts in before.datasets if contents.get(facts.name, facts.content) != facts.content]
    kept = {cell.case.id for cell in now.cells if cell.mean is not None}
    removed = [cell.case.id for cell in before.cells if cell.mean is not None and cell.case.id not in kept]
    if not changed and not removed:
        return ""
    lost = f"was made from other images of {quoted(changed)}" if changed else f"also had {quoted(removed)}"
    return f"the report that was here {lost}: keep both with --reports DIR"

"""What a report that is written over had, and the new one has not."""

from suite.datasets.naming import listed
from suite.results.models import Results


def replaced(before: Results, now: Results) -> str:
    """Return a sentence: that other images of the same name replace those before, or which results are gone; or ""."""
    contents = {one.name: one.content for one in now.datasets}
    others = [one.name for one in before.datasets if contents.get(one.name, one.content) != one.content]
    there = {cell.case.id for cell in now.cells if cell.mean is not None}
    gone = [cell.case.id for cell in before.cells if cell.mean is not None and cell.case.id not in there]
    if not others and not gone:
        return ""
    what = f"is of other images called {listed(others)}" if others else f"had {listed(gone)} too"
    return f"the report that was here {what}: --reports DIR keeps both"

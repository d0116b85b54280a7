"""What a report that is written over had, and the new one has not."""

from suite.datasets.naming import listed
from suite.results import Results


def replaced(before: Results, now: Results) -> tuple[str, ...]:
    """Return a sentence for images that others of the same name replace, and one for results that are gone."""
    contents = {one.name: one.content for one in now.datasets}
    others = [one.name for one in before.datasets if contents.get(one.name, one.content) != one.content]
    there = {cell.case.id for cell in now.cells if cell.mean is not None}
    gone = [cell.case.id for cell in before.cells if cell.mean is not None and cell.case.id not in there]
    lines = [f"the report that was here is of other images called {listed(others)}"] if others else []
    lines += [f"the report that was here had {listed(gone)} too"] if gone and not others else []
    return tuple(f"{line}: --reports DIR keeps both" for line in lines)

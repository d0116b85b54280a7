"""Holm's correction, in pure Python: it depends on which cells stand in the table, so the report makes it."""

from collections.abc import Mapping


def holm(p_values: Mapping[str, float | None]) -> dict[str, float | None]:
    """Return p-values adjusted for having tested all of them (Holm 1979, the step-down of Bonferroni).

    An adjusted p at or below alpha rejects; over the whole family at least one true null is rejected with a
    probability of at most alpha, whatever the dependence between the cells (all share ``org``).

    Args:
        p_values: Cell to its p-value in [0, 1]; None for a cell that was not tested and does not count.

    Returns:
        The same cells in the same order, adjusted p-values in [0, 1] or None.

    Raises:
        ValueError: If a p-value is no probability.
    """
    tested = {cell: p for cell, p in p_values.items() if p is not None}
    for cell, p in tested.items():
        if not 0 <= p <= 1:
            raise ValueError(f"the p-value of {cell} is {p}, which is no probability")
    adjusted: dict[str, float | None] = dict.fromkeys(p_values)
    highest = 0.0
    for rank, cell in enumerate(sorted(tested, key=tested.__getitem__)):
        highest = max(highest, min(1.0, (len(tested) - rank) * tested[cell]))
        adjusted[cell] = highest
    return adjusted

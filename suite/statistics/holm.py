"""Holm's correction for multiple tests; pure Python, as it is computed for the cells of each report."""

from collections.abc import Mapping


def holm(p_values: Mapping[str, float | None]) -> dict[str, float | None]:
    """Return p-values adjusted for multiple tests (Holm 1979, step-down Bonferroni).

    Rejecting every cell with an adjusted p-value of at most alpha limits the family-wise error rate, the probability
    of rejecting any true null hypothesis, to alpha under any dependence between the cells (all share ``org``).

    Args:
        p_values: p-value in [0, 1] of each cell; None for a cell that was not tested, which does not count.

    Returns:
        Adjusted p-values in [0, 1] or None, with the same cells in the same order.

    Raises:
        ValueError: If a p-value is not between 0 and 1.
    """
    tested = {cell: p for cell, p in p_values.items() if p is not None}
    for cell, p in tested.items():
        if not 0 <= p <= 1:
            raise ValueError(f"the p-value of {cell} is {p}, not between 0 and 1")
    adjusted: dict[str, float | None] = dict.fromkeys(p_values)
    highest = 0.0
    for rank, cell in enumerate(sorted(tested, key=tested.__getitem__)):
        highest = max(highest, min(1.0, (len(tested) - rank) * tested[cell]))
        adjusted[cell] = highest
    return adjusted

"""Looks and levels of the verdict procedure: when a comparison is judged, and how often a verdict may be wrong.

A cell is judged at fixed numbers of classifier seeds, the looks. Each look spends a fifth of the cell's level
(Bonferroni), so that a run may stop at any look, whatever the reason, without more wrong verdicts.
"""

LOOKS = (5, 8, 12, 20, 32)
MIX_LEVEL, SYN_LEVEL = 0.04, 0.01  # together 5 %: the probability of any wrong verdict on one dataset
FEWEST_GENERATORS = 3  # up to three generators can be added or removed without changing the levels


def cell_level(generators: int, *, syn: bool) -> float:
    """Return the level of one cell: the probability that its verdict is wrong is at most this.

    Args:
        generators: Generators of the dataset's row of Table 1, selected or not.
        syn: Whether the cell is a SYN cell.
    """
    return (SYN_LEVEL if syn else MIX_LEVEL) / max(FEWEST_GENERATORS, generators)


def first_look(cap: int) -> int:
    """Return how many seeds are trained before the first verdict: the first look, or ``cap`` if it is smaller."""
    return min(cap, LOOKS[0])


def next_look(seeds: int, cap: int) -> int | None:
    """Return the next look after ``seeds`` that is not above ``cap``; None if there is none."""
    return next((look for look in LOOKS if seeds < look <= cap), None)


def last_look(cap: int) -> int:
    """Return the largest number of seeds that is trained within ``cap``: the last look, or ``cap`` below the first."""
    return max((look for look in LOOKS if look <= cap), default=cap)


def looks_until(seeds: int) -> tuple[int, ...]:
    """Return the looks up to ``seeds``; ``(seeds,)`` below the first look."""
    return tuple(look for look in LOOKS if look <= seeds) or (seeds,)

"""Numbers as people read them, the same in every part of a report."""

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"


def percent(value: float | None) -> str:
    """Return ``98.9``, or a dash where there is no number."""
    return DASH if value is None else f"{value:.1f}"


def points(value: float) -> str:
    """Return a difference with its sign, ``+0.8``; what rounds to nothing has none."""
    text = f"{value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", MINUS)


def correlation(rho: float) -> str:
    """Return a correlation with its sign and two digits."""
    return f"{rho:+.2f}".replace("-", MINUS)


def span(interval: tuple[float, float] | None) -> str:
    """Return an interval of differences, ``-0.4 to +1.2`` with true minus signs; empty where there is none."""
    return f"{points(interval[0])} to {points(interval[1])}" if interval else ""


def probability(p: float | None) -> str:
    """Return a p-value, ``0.031``; the small and the large only as far as they can be believed."""
    if p is None:
        return DASH
    return "< 0.001" if p < 0.001 else "> 0.99" if p > 0.99 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def short(value: float | None) -> str:
    """Return a metric's value with about three digits, a dash where it was refused."""
    if value is None:
        return DASH
    size = abs(value)
    if size == 0:
        return "0"
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{value:,.{digits}f}".replace("-", MINUS)


def count(value: int) -> str:
    """Return a whole number with its thousands apart."""
    return f"{value:,}"


def duration(seconds: float) -> str:
    """Return a time to two digits or so: ``0.8 s``, ``54 s``, ``12 min``, ``3.4 h``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def memory(size: int) -> str:
    """Return a size in MiB or GiB, a dash where nothing was recorded."""
    if not size:
        return DASH
    return f"{size / 2**20:.0f} MiB" if size < 2**30 else f"{size / 2**30:.1f} GiB"

"""Formats of numbers, the same in every part of a report."""

import re

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"


def percent(value: float | None) -> str:
    """Return a percentage with one digit, ``98.9``; a dash for None."""
    return DASH if value is None else f"{value:.1f}"


def points(value: float) -> str:
    """Return a difference with its sign, ``+0.8``; ``0.0`` without a sign if it rounds to zero."""
    text = f"{value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", MINUS)


def ascii_minus(text: str) -> str:
    """Return text with hyphens as minus signs, for terminals, and for files that are searched and copied from."""
    return text.replace(MINUS, "-")


def correlation(rho: float) -> str:
    """Return a correlation with its sign and two digits, ``+0.52``."""
    return f"{rho:+.2f}".replace("-", MINUS)


def span(interval: tuple[float, float] | None) -> str:
    """Return an interval of differences, ``-0.4 to +1.2`` with typographic minus signs; empty for None."""
    return f"{points(interval[0])} to {points(interval[1])}" if interval else ""


def probability(p: float | None) -> str:
    """Return a p-value, ``0.031``; below 0.001 and above 0.99 only the bound; a dash for None."""
    if p is None:
        return DASH
    return "< 0.001" if p < 0.001 else "> 0.99" if p > 0.99 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def short(value: float | None) -> str:
    """Return a metric's value with about three digits; a dash for None."""
    if value is None:
        return DASH
    size = abs(value)
    if size == 0:
        return "0"
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{value:,.{digits}f}".replace("-", MINUS)


def count(value: int) -> str:
    """Return an integer with thousands separators."""
    return f"{value:,}"


def duration(seconds: float) -> str:
    """Return a duration with about two digits: ``0.8 s``, ``54 s``, ``12 min``, ``3.4 h``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def duration_in_words(seconds: float) -> str:
    """Return a duration in whole units for a sentence: ``40 seconds``, ``20 minutes``, ``3 hours``."""
    size, unit = next(
        ((size, unit) for size, unit in ((3600, "hour"), (60, "minute")) if seconds >= 1.5 * size), (1, "second")
    )
    number = max(1, round(seconds / size))
    return f"{number} {unit if number == 1 else f'{unit}s'}"


def memory(size: int) -> str:
    """Return a size in MiB or GiB; a dash for 0, which means that none was recorded."""
    if not size:
        return DASH
    return f"{size / 2**20:.0f} MiB" if size < 2**30 else f"{size / 2**30:.1f} GiB"


def sort_value(text: str) -> str:
    """Return the number that a text begins with, for sorting; the text itself if it begins with none."""
    number = re.match(r"[+-]?\d+(\.\d+)?", ascii_minus(text).replace(",", ""))
    return number[0] if number else text

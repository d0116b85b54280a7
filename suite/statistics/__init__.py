"""Intervals, paired comparisons and verdicts: how sure a difference is."""

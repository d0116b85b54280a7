"""Confidence intervals, paired comparisons, verdicts and correlations."""

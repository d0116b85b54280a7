"""The audit of a synthetic set: what is known about each of its images."""

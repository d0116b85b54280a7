"""Settings of the property tests of this directory."""

from hypothesis import settings

# No deadline: the first example of a test may import a reference library. Derandomised: failures are reproducible.
settings.register_profile("statistics", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("statistics")

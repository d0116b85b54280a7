"""Table 1: classifiers trained on real, synthetic or both kinds of images, tested on held-out real images."""

from math import isfinite
from statistics import fmean

import pytest


def test_case(case, real_data, synthetic, result, recorded, expected):
    assert all(isfinite(accuracy) and 0 <= accuracy <= 100 for accuracy in result.accuracies)
    assert result.mean == pytest.approx(fmean(result.accuracies))
    assert min(result.counts.evaluation) > 0
    for images in synthetic:
        assert images.counts == result.counts.synthetic
        assert len(images.counts) == len(real_data.counts)
    for measured in result.measurements:
        low, high = measured["bounds"]
        value = measured["value"]
        assert value is None or isfinite(value), measured
        assert value is None or low is None or value >= low, measured
        assert value is None or high is None or value <= high, measured
    if expected is not None:
        low, high = expected
        assert low <= result.mean <= high, f"{case.id}: {result.mean:.1f} % is outside {low:g} to {high:g}"

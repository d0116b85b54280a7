"""Sweeps: variants of the cells of Table 1, each changed along one axis; collected only with --sweep."""

from math import isfinite

import pytest

pytestmark = pytest.mark.sweep


def test_variant(case, result, recorded):
    assert result.variant == case.variant
    assert all(isfinite(accuracy) and 0 <= accuracy <= 100 for accuracy in result.accuracies)
    assert result.training_cost.steps > 0

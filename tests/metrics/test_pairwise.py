"""Neighbours, balls and kernels, checked against torch-fidelity, prdc and direct formulas."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_fidelity.metric_kid import kernel_mmd, kid_features_to_metric
from torch_fidelity.metric_prc import KEY_METRIC_PRECISION, KEY_METRIC_RECALL, prc_features_to_metric

from suite.metrics import pairwise
from suite.metrics.kernel_distance import kernel_distance
from suite.metrics.pairwise import pairwise_between, pairwise_within


def draw(seed, count, dimension=16, shift=0.0, std=1.0):
    rng = np.random.default_rng(seed)
    return (shift + std * rng.standard_normal((count, dimension))).astype(np.float32)


def compare(a, b):
    return pairwise_between(a, b, pairwise_within(a).radii, pairwise_within(b).radii)


def kid(a, b):
    within_a, within_b = pairwise_within(a), pairwise_within(b)
    between = pairwise_between(a, b, within_a.radii, within_b.radii)
    return kernel_distance(
        within_a.mean_kernel, within_b.mean_kernel, between.mean_kernel, between.reference_mean_kernel
    )


def distances(a, b):
    return np.linalg.norm(a[:, None].astype(np.float64) - b[None], axis=2)


def density_and_coverage(real, fake, k=5):
    """Return density and coverage by the definition of Naeem et al., from the full distance matrix."""
    radii = np.sort(distances(real, real), axis=1)[:, k]
    inside = distances(real, fake) < radii[:, None]
    return inside.sum(axis=0).mean() / k, inside.any(axis=1).mean()


@pytest.mark.parametrize("tile", [32, 1024])
@pytest.mark.parametrize(("count", "others"), [(150, 150), (90, 201)])
def test_precision_and_recall_agree_with_torch_fidelity(monkeypatch, tile, count, others):
    monkeypatch.setattr(pairwise, "TILE", tile)
    fake, real = draw(0, count, shift=0.4), draw(1, others)
    expected = prc_features_to_metric(torch.from_numpy(fake).double(), torch.from_numpy(real).double(), verbose=False)
    found = compare(fake, real)
    assert found.in_reference.mean() == pytest.approx(expected[KEY_METRIC_PRECISION], abs=1e-6)
    assert found.in_synthetic.mean() == pytest.approx(expected[KEY_METRIC_RECALL], abs=1e-6)


def test_precision_and_recall_are_not_swapped():
    """A narrow cluster inside a wide one has high precision and low recall; the reverse has the opposite."""
    narrow, wide = draw(0, 200, std=0.1), draw(1, 200)
    found, reverse = compare(narrow, wide), compare(wide, narrow)
    assert found.in_reference.mean() == 1
    assert found.in_synthetic.mean() < 0.1
    assert reverse.in_reference.mean() < 0.1
    assert reverse.in_synthetic.mean() == 1


@pytest.mark.parametrize("tile", [32, 1024])
@pytest.mark.parametrize(("count", "others"), [(150, 150), (90, 201)])
def test_density_and_coverage_agree_with_the_definition(monkeypatch, tile, count, others):
    monkeypatch.setattr(pairwise, "TILE", tile)
    fake, real = draw(0, count, shift=0.2), draw(1, others)
    found = compare(fake, real)
    density, coverage = density_and_coverage(real, fake)
    assert found.ball_counts.mean() / 5 == pytest.approx(density, rel=1e-12)
    assert found.covered.mean() == pytest.approx(coverage, rel=1e-12)


def test_density_and_coverage_agree_with_prdc():
    prdc = pytest.importorskip("prdc", reason="pip install prdc to compare with the authors' code")
    fake, real = draw(0, 150, shift=0.2), draw(1, 200)
    expected = prdc.compute_prdc(real, fake, nearest_k=5)
    found = compare(fake, real)
    assert found.ball_counts.mean() / 5 == pytest.approx(expected["density"], rel=1e-12)
    assert found.covered.mean() == pytest.approx(expected["coverage"], rel=1e-12)


@pytest.mark.parametrize("tile", [32, 1024])
def test_nearest_and_radii_agree_with_the_full_distance_matrix(monkeypatch, tile):
    monkeypatch.setattr(pairwise, "TILE", tile)
    a, b = draw(0, 77), draw(1, 101)
    found = compare(a, b)
    expected = distances(a, b)
    assert found.nearest.tolist() == expected.argmin(axis=1).tolist()
    assert found.nearest_distance == pytest.approx(expected.min(axis=1), rel=1e-6)
    assert pairwise_within(a).radii == pytest.approx(np.sort(distances(a, a), axis=1)[:, 1:6], rel=1e-5)


def test_a_copy_has_distance_zero_even_far_from_the_origin():
    real = draw(0, 100, shift=100.0)
    found = compare(real[::-1].copy(), real)
    assert found.nearest.tolist() == list(range(99, -1, -1))
    assert not found.nearest_distance.any()


def test_radii_are_infinite_where_there_are_too_few_images():
    radii = pairwise_within(draw(0, 3)).radii
    assert np.isfinite(radii[:, :2]).all()
    assert np.isinf(radii[:, 2:]).all()


@pytest.mark.parametrize("tile", [32, 1024])
def test_kid_agrees_with_torch_fidelity(monkeypatch, tile):
    monkeypatch.setattr(pairwise, "TILE", tile)
    a, b = draw(0, 120, shift=0.5), draw(1, 120)
    expected = kid_features_to_metric(
        torch.from_numpy(a).double(), torch.from_numpy(b).double(), kid_subsets=1, kid_subset_size=120, verbose=False
    )
    assert kid(a, b)[0] == pytest.approx(expected["kernel_inception_distance_mean"], rel=1e-6)


def test_kid_is_the_limit_of_torch_fidelitys_subsets():
    a, b = draw(0, 200, shift=0.5), draw(1, 300)
    expected = kid_features_to_metric(
        torch.from_numpy(a).double(), torch.from_numpy(b).double(), kid_subsets=2000, kid_subset_size=50, verbose=False
    )
    error = expected["kernel_inception_distance_std"] / np.sqrt(2000)
    assert abs(kid(a, b)[0] - expected["kernel_inception_distance_mean"]) < 4 * error


def test_kid_is_accurate_far_from_the_origin():
    a, b = draw(0, 150, shift=8.0), draw(1, 150, shift=8.1)
    exact = kernel_mmd(a.astype(np.float64), b.astype(np.float64), kid_kernel="poly")
    assert kid(a, b)[0] == pytest.approx(exact, rel=1e-4)


def test_kid_can_be_negative_and_its_interval_covers_the_true_value():
    values, covered = [], 0
    for seed in range(100):
        value, (low, high) = kid(draw(2 * seed, 60), draw(2 * seed + 1, 60))
        values.append(value)
        covered += low <= 0 <= high
    assert min(values) < 0 < max(values)
    assert covered >= 90


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.integers(2, 40))
def test_kid_is_symmetric(seed, count, others):
    a, b = draw(seed, count, shift=0.3), draw(seed + 1, others)
    assert kid(a, b)[0] == pytest.approx(kid(b, a)[0], rel=1e-4, abs=1e-5)

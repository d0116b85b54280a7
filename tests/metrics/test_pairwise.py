"""Neighbours, balls and kernels against torch-fidelity, prdc and plain formulas."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_fidelity.metric_kid import kernel_mmd, kid_features_to_metric
from torch_fidelity.metric_prc import KEY_METRIC_PRECISION, KEY_METRIC_RECALL, prc_features_to_metric

from suite.metrics import pairs
from suite.metrics.kernel_distance import kernel_distance


def draw(seed, count, dimension=16, shift=0.0, spread=1.0):
    rng = np.random.default_rng(seed)
    return (shift + spread * rng.standard_normal((count, dimension))).astype(np.float32)


def compare(a, b):
    return pairs.between(a, b, pairs.within(a), pairs.within(b))


def kid(a, b):
    inside_a, inside_b = pairs.within(a), pairs.within(b)
    across = pairs.between(a, b, inside_a, inside_b)
    return kernel_distance(inside_a.kernel, inside_b.kernel, across.kernel, across.kernel_reference)


def distances(a, b):
    return np.linalg.norm(a[:, None].astype(np.float64) - b[None], axis=2)


def naive_prdc(real, fake, k=5):
    """Density and coverage as Naeem et al. define them, all distances at once."""
    radii = np.sort(distances(real, real), axis=1)[:, k]
    inside = distances(real, fake) < radii[:, None]
    return inside.sum(axis=0).mean() / k, inside.any(axis=1).mean()


@pytest.mark.parametrize("tile", [32, 1024])
@pytest.mark.parametrize(("count", "others"), [(150, 150), (90, 201)])
def test_precision_and_recall_agree_with_torch_fidelity(monkeypatch, tile, count, others):
    monkeypatch.setattr(pairs, "TILE", tile)
    fake, real = draw(0, count, shift=0.4), draw(1, others)
    theirs = prc_features_to_metric(torch.from_numpy(fake).double(), torch.from_numpy(real).double(), verbose=False)
    ours = compare(fake, real)
    assert ours.in_reference.mean() == pytest.approx(theirs[KEY_METRIC_PRECISION], abs=1e-6)
    assert ours.in_synthetic.mean() == pytest.approx(theirs[KEY_METRIC_RECALL], abs=1e-6)


def test_precision_is_not_recall():
    """A tight cluster inside a wide cloud: every image is plausible, most real ones have no counterpart."""
    tight, wide = draw(0, 200, spread=0.1), draw(1, 200)
    inside, outside = compare(tight, wide), compare(wide, tight)
    assert inside.in_reference.mean() == 1
    assert inside.in_synthetic.mean() < 0.1
    assert outside.in_reference.mean() < 0.1
    assert outside.in_synthetic.mean() == 1


@pytest.mark.parametrize("tile", [32, 1024])
@pytest.mark.parametrize(("count", "others"), [(150, 150), (90, 201)])
def test_density_and_coverage_agree_with_their_definition(monkeypatch, tile, count, others):
    monkeypatch.setattr(pairs, "TILE", tile)
    fake, real = draw(0, count, shift=0.2), draw(1, others)
    ours = compare(fake, real)
    density, coverage = naive_prdc(real, fake)
    assert ours.balls.mean() / 5 == pytest.approx(density, rel=1e-12)
    assert ours.covered.mean() == pytest.approx(coverage, rel=1e-12)


def test_density_and_coverage_agree_with_prdc():
    prdc = pytest.importorskip("prdc", reason="pip install prdc to compare with the authors' own code")
    fake, real = draw(0, 150, shift=0.2), draw(1, 200)
    theirs = prdc.compute_prdc(real, fake, nearest_k=5)
    ours = compare(fake, real)
    assert ours.balls.mean() / 5 == pytest.approx(theirs["density"], rel=1e-12)
    assert ours.covered.mean() == pytest.approx(theirs["coverage"], rel=1e-12)


@pytest.mark.parametrize("tile", [32, 1024])
def test_nearest_and_radii_are_those_of_all_distances(monkeypatch, tile):
    monkeypatch.setattr(pairs, "TILE", tile)
    a, b = draw(0, 77), draw(1, 101)
    ours = compare(a, b)
    across = distances(a, b)
    assert ours.nearest.tolist() == across.argmin(axis=1).tolist()
    assert ours.to_reference == pytest.approx(across.min(axis=1), rel=1e-6)
    assert pairs.within(a).radii == pytest.approx(np.sort(distances(a, a), axis=1)[:, 1:6], rel=1e-5)


def test_a_copy_is_exactly_at_no_distance_far_from_the_origin():
    real = draw(0, 100, shift=100.0)
    ours = compare(real[::-1].copy(), real)
    assert ours.nearest.tolist() == list(range(99, -1, -1))
    assert not ours.to_reference.any()


def test_few_images_have_no_far_neighbours():
    radii = pairs.within(draw(0, 3)).radii
    assert np.isfinite(radii[:, :2]).all()
    assert np.isinf(radii[:, 2:]).all()


@pytest.mark.parametrize("tile", [32, 1024])
def test_kid_agrees_with_torch_fidelity(monkeypatch, tile):
    monkeypatch.setattr(pairs, "TILE", tile)
    a, b = draw(0, 120, shift=0.5), draw(1, 120)
    theirs = kid_features_to_metric(
        torch.from_numpy(a).double(), torch.from_numpy(b).double(), kid_subsets=1, kid_subset_size=120, verbose=False
    )
    assert kid(a, b)[0] == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-6)


def test_kid_is_the_limit_of_torch_fidelitys_subsets():
    a, b = draw(0, 200, shift=0.5), draw(1, 300)
    theirs = kid_features_to_metric(
        torch.from_numpy(a).double(), torch.from_numpy(b).double(), kid_subsets=2000, kid_subset_size=50, verbose=False
    )
    error = theirs["kernel_inception_distance_std"] / np.sqrt(2000)
    assert abs(kid(a, b)[0] - theirs["kernel_inception_distance_mean"]) < 4 * error


def test_kid_of_far_features_keeps_its_digits():
    a, b = draw(0, 150, shift=8.0), draw(1, 150, shift=8.1)
    exact = kernel_mmd(a.astype(np.float64), b.astype(np.float64), kid_kernel="poly")
    assert kid(a, b)[0] == pytest.approx(exact, rel=1e-4)


def test_kid_may_be_negative_and_its_interval_holds_the_truth():
    values, hits = [], 0
    for seed in range(100):
        value, (low, high) = kid(draw(2 * seed, 60), draw(2 * seed + 1, 60))
        values.append(value)
        hits += low <= 0 <= high
    assert min(values) < 0 < max(values)
    assert hits >= 90


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.integers(2, 40))
def test_kid_is_symmetric(seed, count, others):
    a, b = draw(seed, count, shift=0.3), draw(seed + 1, others)
    assert kid(a, b)[0] == pytest.approx(kid(b, a)[0], rel=1e-4, abs=1e-5)

"""The Fréchet distance, checked against closed forms and torch-fidelity."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_fidelity.metric_fid import KEY_METRIC_FID, fid_features_to_statistics, fid_statistics_to_metric

from suite.metrics.frechet import Gaussian, extrapolated_frechet_distance, fit_gaussian, frechet_distance

quick = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 2**32 - 1)
sizes = st.sampled_from([(7, 20), (20, 7), (15, 15)])  # fewer images than dimensions, more, equally many


def draw(seed, size):
    rng = np.random.default_rng(seed)
    return (rng.standard_normal(size) @ rng.standard_normal((size[1], size[1]))).astype(np.float32)


def fidelity_distance(a, b):
    """Return torch-fidelity's Fréchet distance."""
    first, second = (fid_features_to_statistics(torch.from_numpy(features).double()) for features in (a, b))
    return fid_statistics_to_metric(first, second, verbose=False)[KEY_METRIC_FID]


@quick
@given(seeds, seeds, sizes)
def test_symmetric(seed, other, size):
    a, b = fit_gaussian(draw(seed, size)), fit_gaussian(draw(other, size))
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-10, abs=1e-9)


@quick
@given(seeds, sizes)
def test_zero_on_itself(seed, size):
    a = fit_gaussian(draw(seed, size))
    assert 0 <= frechet_distance(a, a) <= 1e-12 * np.square(a.root).sum()


@quick
@given(seeds, sizes, st.floats(-5, 5))
def test_translation_adds_its_squared_length(seed, size, step):
    a = fit_gaussian(draw(seed, size))
    moved = Gaussian(a.mean + step, a.root)
    assert frechet_distance(a, moved) == pytest.approx(size[1] * step**2, rel=1e-10, abs=1e-10)


@quick
@given(seeds, sizes, st.floats(0, 3))
def test_closed_form_for_scaling(seed, size, scale):
    features = draw(seed, size).astype(np.float64)
    features -= features.mean(axis=0)
    expected = (1 - scale) ** 2 * np.square(features).sum() / (size[0] - 1)
    assert frechet_distance(fit_gaussian(features), fit_gaussian(features * scale)) == pytest.approx(
        expected, rel=1e-10, abs=1e-9
    )


def test_closed_form_for_commuting_covariances_over_sixteen_decades():
    rng = np.random.default_rng(0)
    std_a, std_b = 10 ** rng.uniform(-8, 0, (2, 300))
    std_a[:50] = 0
    rotation = np.linalg.qr(rng.standard_normal((300, 300)))[0]
    a, b = (Gaussian(np.zeros(300), std[:, None] * rotation) for std in (std_a, std_b))
    assert frechet_distance(a, b) == pytest.approx(np.square(std_a - std_b).sum(), rel=1e-10)


@pytest.mark.parametrize("size", [(60, 128), (400, 128)], ids=["few images", "many images"])
def test_agrees_with_torch_fidelity(size):
    a, b = draw(0, size), draw(1, size)
    assert frechet_distance(fit_gaussian(a), fit_gaussian(b)) == pytest.approx(fidelity_distance(a, b), rel=1e-6)


def test_constant_and_duplicate_dimensions_do_not_change_the_distance():
    a, b = draw(0, (400, 64)), draw(1, (400, 64))
    degenerate = [np.hstack([part, np.zeros((400, 32), np.float32), part[:, :1]]) for part in (a, b)]
    full_rank = [np.hstack([part[:, :1] * np.sqrt(2), part[:, 1:]]) for part in (a.astype(float), b.astype(float))]
    found, expected = (frechet_distance(*map(fit_gaussian, parts)) for parts in (degenerate, full_rank))
    assert found == pytest.approx(expected, rel=1e-10)


def test_statistics_have_double_precision():
    features = (draw(0, (500, 8)) + 1e4).astype(np.float32)
    found = fit_gaussian(features)
    assert found.mean == pytest.approx(features.astype(np.float64).mean(axis=0), rel=1e-14)
    assert found.root.T @ found.root == pytest.approx(np.cov(features.astype(np.float64), rowvar=False), rel=1e-9)


def test_one_image_has_no_covariance():
    with pytest.raises(ValueError, match="at least two images, not 1"):
        fit_gaussian(np.ones((1, 3)))


def test_extrapolation_removes_most_of_the_bias():
    rng = np.random.default_rng(0)
    truth = Gaussian(np.zeros(20), np.eye(20))
    plain, corrected = [], []
    for seed in range(20):
        features = rng.standard_normal((200, 20))
        plain.append(frechet_distance(fit_gaussian(features), truth))
        corrected.append(extrapolated_frechet_distance(plain[-1], features, truth, seed))
    assert np.mean(plain) > 0.1
    assert abs(np.mean(corrected)) < 0.1 * np.mean(plain)


def test_extrapolation_depends_on_its_seed_only():
    features, truth = draw(0, (100, 8)), Gaussian(np.zeros(8), np.eye(8))
    np.random.seed(1)  # noqa: NPY002 - global random state, which must not matter
    first = extrapolated_frechet_distance(3.0, features, truth, seed=5)
    np.random.seed(2)  # noqa: NPY002
    assert extrapolated_frechet_distance(3.0, features, truth, seed=5) == first
    assert extrapolated_frechet_distance(3.0, features, truth, seed=6) != first

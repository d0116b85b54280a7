"""Influence of training images on the validation loss of a logistic regression (Koh and Liang 2017, arXiv 1703.04730).

With the objective ``F(w) = C sum_i l_i(w) + |w|^2 / 2`` and its minimum ``w``, leaving training image i out changes the
mean validation loss by about ``C g_i^T H^-1 g``: ``g_i`` is the gradient of its loss, ``g`` that of the mean validation
loss, and ``H`` the Hessian of F. Only one linear system is solved, by conjugate gradients with products of H and a
vector, so that H is never stored.
"""

import numpy as np
from numpy.typing import NDArray

from suite.classifiers.logistic_regression import LogisticRegression, fit, standardised
from suite.randomness import numpy_generator

RELATIVE_RESIDUAL = 1e-4  # of the linear system: the influence of an image is needed to a few digits
MAX_ITERATIONS = 500

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]


def cross_fitted_influence(
    synthetic: tuple[Floats, Labels],
    real: tuple[Floats, Labels],
    strength: float,
    *,
    folds: int,
    max_iterations: int,
    seed: int,
) -> NDArray[np.float64]:
    """Return the influence of synthetic images on the loss of each fold of the real images.

    The probe of a fold is fitted to the other real images and to all synthetic ones.

    Args:
        synthetic: Features, (N, D), and labels, (N,), of the synthetic images.
        real: The same of the real training images.
        strength: Inverse L2 strength, scikit-learn's ``C``.
        folds: Number of folds; one that would be empty is left out.
        max_iterations: Most iterations of the solver.
        seed: Seed of the folds.

    Returns:
        float64, (folds, N), each scaled by the share of its fold, so that the sum is the influence on the mean loss of
        all real images.
    """
    (features, labels), fold_of = real, stratified_folds(real[1], folds, seed)
    found = []
    for fold in np.unique(fold_of):
        held_out = fold_of == fold
        train = np.concatenate([features[~held_out], synthetic[0]]), np.concatenate([labels[~held_out], synthetic[1]])
        probe = fit(*train, strength, balanced=False, max_iterations=max_iterations)
        of_fold = influence(probe, strength, train, (features[held_out], labels[held_out]), synthetic)
        found.append(held_out.mean() * of_fold)
    return np.stack(found)


def stratified_folds(labels: Labels, folds: int, seed: int) -> Labels:
    """Return the fold of each image, int64 (N,): the images of a class are spread evenly."""
    fold_of = np.zeros(len(labels), dtype=np.int64)
    random = numpy_generator(seed, "influence folds")
    order = np.concatenate([random.permutation(np.flatnonzero(labels == label)) for label in np.unique(labels)])
    fold_of[order] = np.arange(len(labels)) % folds
    return fold_of


def mean_rank_correlation(values: NDArray[np.float64]) -> float | None:
    """Return the mean of Spearman's rho over all pairs of rows, (R, N); None if it is not defined."""
    from scipy.stats import rankdata

    if len(values) < 2 or not values.shape[1] or (np.ptp(values, axis=1) == 0).any():
        return None
    correlations = np.corrcoef(rankdata(values, axis=1))
    return float(correlations[np.triu_indices(len(values), 1)].mean())


def influence(
    probe: LogisticRegression,
    strength: float,
    train: tuple[Floats, Labels],
    validation: tuple[Floats, Labels],
    candidates: tuple[Floats, Labels],
) -> NDArray[np.float64]:
    """Return by how much each candidate lowers the mean validation loss as a part of the training set.

    Args:
        probe: The regression that was fitted to the training images. That its mean and std depend on them is neglected.
        strength: Its inverse L2 strength, scikit-learn's ``C``.
        train: Features, (N, D), and labels, (N,), of the training images.
        validation: The same of the validation images.
        candidates: The same of those training images whose influence is wanted.

    Returns:
        float64, in nats: positive if the loss would be higher without the image.
    """
    from scipy.sparse.linalg import LinearOperator, cg

    inputs, probabilities = _inputs(probe, train[0]), probe.probabilities(train[0])
    shape = probabilities.shape[1], inputs.shape[1]
    penalty = np.full(shape, 2.0 if shape[0] == 2 else 1.0)  # for two classes scikit-learn penalises their difference
    penalty[:, -1] = 0  # the intercepts

    def hessian_product(vector: NDArray[np.float64]) -> NDArray[np.float64]:
        weights = vector.reshape(shape)
        weighted = probabilities * (inputs @ weights.T.astype(np.float32))
        weighted -= probabilities * weighted.sum(axis=1, keepdims=True)
        product: NDArray[np.float64] = strength * (weighted.T @ inputs) + penalty * weights
        return product.ravel()

    gradient = _errors(probe, validation).T @ _inputs(probe, validation[0]) / len(validation[1])
    size = gradient.size
    operator = LinearOperator((size, size), matvec=hessian_product, dtype=np.float64)
    solution, _ = cg(operator, gradient.astype(np.float64).ravel(), rtol=RELATIVE_RESIDUAL, maxiter=MAX_ITERATIONS)
    along = _inputs(probe, candidates[0]) @ solution.reshape(shape).T
    influences: NDArray[np.float64] = strength * (_errors(probe, candidates) * along).sum(axis=1)
    return influences


def _inputs(probe: LogisticRegression, features: Floats) -> Floats:
    """Return standardised features and a one for the intercept: float32 (N, D + 1)."""
    inputs = standardised(features, probe.mean, probe.std)
    return np.concatenate([inputs, np.ones((len(inputs), 1), dtype=np.float32)], axis=1)


def _errors(probe: LogisticRegression, images: tuple[Floats, Labels]) -> Floats:
    """Return the gradient of each image's loss with respect to its logits: float32 (N, classes)."""
    features, labels = images
    errors = probe.probabilities(features).copy()
    errors[np.arange(len(labels)), labels] -= 1
    return errors

"""Comparison of a case with org: the estimates, pairing by image, groups, and what must not matter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite.statistics.comparison import compare
from suite.statistics.summaries import Difference

FLOATS = ("difference", "seed_variance", "org_seed_variance", "image_variance", "org_accuracy", "org_standard_error")


def predictions(seeds: int, images: int, seed: int = 0, effect: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Return whether each prediction of a case and of org is right, (seeds, images); difficult images are shared."""
    rng = np.random.default_rng(seed)
    difficulty = rng.uniform(0.4, 1.0, images)
    case, org = (
        rng.random((seeds, images)) < difficulty + shift + rng.normal(0, 0.03, (seeds, 1)) for shift in (effect, 0)
    )
    return case, org


def labels_of(images: int) -> np.ndarray:
    return np.arange(images) % 4


def compared(case: np.ndarray, org: np.ndarray, groups: np.ndarray | None = None) -> Difference:
    return compare(case, org, labels_of(org.shape[1]), groups=groups)


def values(found: Difference) -> list[float]:
    return [getattr(found, name) for name in FLOATS]


def residual_mean_square(table: np.ndarray) -> float:
    residuals = table - table.mean(axis=0) - table.mean(axis=1, keepdims=True) + table.mean()
    return float((residuals**2).sum() / ((table.shape[0] - 1) * (table.shape[1] - 1)))


def test_every_estimate_by_its_definition() -> None:
    case, org = predictions(5, 80, effect=0.1)
    found = compared(case, org)
    first, second = 100.0 * case, 100.0 * org
    noise = [residual_mean_square(table) / 80 for table in (first, second, first - second)]
    assert found.difference == pytest.approx(first.mean() - second.mean())
    assert found.seed_variance == pytest.approx(max(first.mean(axis=1).var(ddof=1), noise[0]))
    assert found.org_seed_variance == pytest.approx(max(second.mean(axis=1).var(ddof=1), noise[1]))
    between = (first - second).mean(axis=0).var(ddof=1) / 80
    assert found.image_variance == pytest.approx(max(0, between - noise[2] / 5) + (100 / 80) ** 2)
    org_between = second.mean(axis=0).var(ddof=1) / 80 - noise[1] / 5 + (100 / 80) ** 2
    assert found.org_standard_error == pytest.approx(np.sqrt(found.org_seed_variance / 5 + org_between))
    assert found.org_accuracy == pytest.approx(second.mean())
    assert (found.n_seeds, found.n_images, found.n_groups, found.n_generator_seeds) == (5, 80, None, 1)


def test_accuracy_of_a_constant_answer() -> None:
    case, org = predictions(2, 10)
    found = compare(case, org, np.array([0] * 7 + [1, 2, 2]), generator_seeds=2)
    assert found.constant_accuracy == 70
    assert found.n_generator_seeds == 2


def test_pairing_by_image_is_used() -> None:
    """With the images of org in another order, the shared difficulty no longer cancels."""
    case, org = predictions(6, 500)
    shuffled = np.random.default_rng(1).permutation(500)
    assert compared(case, org).image_variance < 0.5 * compared(case, org[:, shuffled]).image_variance


@given(st.integers(1, 6), st.integers(2, 40), st.integers(0, 10**6))
def test_order_of_seeds_and_of_images_does_not_matter(seeds: int, images: int, seed: int) -> None:
    case, org = predictions(seeds, images, seed)
    rng = np.random.default_rng(seed)
    labels, order = labels_of(images), rng.permutation(images)
    groups = np.append(rng.integers(-1, 5, images - 1), 7)
    expected = compare(case, org, labels, groups=groups)
    found = compare(case[rng.permutation(seeds)], org[rng.permutation(seeds)], labels, groups=groups)
    # The residual of the differences pairs the seeds, so only what does not may be reordered in one arm alone.
    assert (found.difference, found.seed_variance) == pytest.approx((expected.difference, expected.seed_variance))
    together = rng.permutation(seeds)
    found = compare(case[together][:, order], org[together][:, order], labels[order], groups=groups[order])
    assert values(found) == pytest.approx(values(expected))
    assert found.n_groups == expected.n_groups


@given(st.integers(2, 6), st.integers(2, 40), st.integers(0, 10**6))
def test_swapping_case_and_org_negates_the_difference_only(seeds: int, images: int, seed: int) -> None:
    case, org = predictions(seeds, images, seed, effect=0.1)
    forward, reverse = compared(case, org), compared(org, case)
    assert reverse.difference == -forward.difference
    assert reverse.image_variance == pytest.approx(forward.image_variance)
    assert (reverse.seed_variance, reverse.org_seed_variance) == (forward.org_seed_variance, forward.seed_variance)


@given(st.integers(2, 40), st.integers(0, 10**6))
def test_groups_of_one_image_change_nothing(images: int, seed: int) -> None:
    case, org = predictions(3, images, seed)
    grouped = compared(case, org, np.arange(images))
    assert values(grouped) == pytest.approx(values(compared(case, org)))
    assert grouped.n_groups == images


def test_images_of_one_group_are_not_independent() -> None:
    """Four pictures of each lesion that are answered alike are a quarter as many images."""
    case, org = (np.repeat(right, 4, axis=1) for right in predictions(5, 60))
    groups = np.repeat(np.arange(60), 4)
    assert compared(case, org, groups).image_variance > 2 * compared(case, org).image_variance
    assert compared(case, org, groups).n_groups == 60


def test_one_seed_has_no_variance_over_seeds() -> None:
    found = compared(*predictions(1, 50))
    assert found.seed_variance is found.org_seed_variance is None
    assert found.image_variance > 0
    assert found.org_standard_error > 0


def test_cases_that_always_agree_have_a_positive_variance() -> None:
    right = np.ones((5, 40), bool)
    found = compared(right, right)
    assert (found.difference, found.seed_variance) == (0, 0)
    assert found.image_variance == (100 / 40) ** 2


@pytest.mark.parametrize(
    ("case_shape", "org_shape"), [((3, 10), (3, 11)), ((2, 10), (3, 10)), ((1, 3, 10), (3, 10)), ((3, 1), (3, 1))]
)
def test_shapes_that_cannot_be_paired_are_refused(case_shape: tuple[int, ...], org_shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        compare(np.ones(case_shape, bool), np.ones(org_shape, bool), labels_of(org_shape[1]))


def test_labels_of_other_images_and_a_single_group_are_refused() -> None:
    case, org = predictions(3, 10)
    with pytest.raises(ValueError, match="cannot be compared"):
        compare(case, org, labels_of(11))
    with pytest.raises(ValueError, match="one group"):
        compared(case, org, np.zeros(10, np.int64))

"""Equivalent real images, on curves with a known result."""

import numpy as np
import pytest

from suite.statistics.equivalent_real_images import equivalent_images

SIZES = [10, 100, 1000]


def curve(*offsets: float) -> np.ndarray:
    """Return accuracies 50, 70 and 90, 20 points per decade of images, with an offset for each seed."""
    return np.array([50.0, 70.0, 90.0])[:, None] + np.array(offsets)


def test_interpolates_in_the_logarithm_of_the_number() -> None:
    found = equivalent_images(SIZES, curve(-1, 0, 1), [79.0, 80.0, 81.0], alpha=0.05)
    assert found.relation == "about"
    assert found.equivalent == pytest.approx(10**2.5, rel=1e-4)
    assert found.text == "about 316 (316 to 316)"


def test_pairing_by_seed_is_used() -> None:
    paired = equivalent_images(SIZES, curve(-1, 0, 1), [79.0, 80.1, 81.0], alpha=0.05)
    unpaired = equivalent_images(SIZES, curve(-1, 0, 1), [81.0, 80.1, 79.0], alpha=0.05)
    assert unpaired.equivalent == pytest.approx(paired.equivalent)
    assert unpaired.interval[0] < paired.interval[0] < paired.equivalent < paired.interval[1] < unpaired.interval[1]


def test_interval_in_closed_form() -> None:
    """On a straight line the interval is the t interval of the accuracies, divided by the slope of 20 per decade."""
    accuracy = np.array([79.0, 80.5, 80.5])
    found = equivalent_images(SIZES, curve(0, 0, 0), accuracy, alpha=0.05)
    half = 4.302653 * accuracy.std(ddof=1) / np.sqrt(3)
    ends = [10 ** (1 + (80 - 50 + sign * half) / 20) for sign in (-1, 1)]
    assert found.interval == pytest.approx(ends, rel=0.01)


def test_accuracies_outside_the_curve() -> None:
    found = equivalent_images(SIZES, curve(-1, 0, 1), [94.0, 95.0, 96.0], alpha=0.05)
    assert (found.relation, found.equivalent, found.interval) == ("more than", 1000, (1000, None))
    assert found.text == "more than 1,000 (1,000 to more than 1,000)"
    found = equivalent_images(SIZES, curve(-1, 0, 1), [39.0, 40.0, 41.0], alpha=0.05)
    assert (found.relation, found.equivalent, found.interval) == ("fewer than", 10, (None, 10))


def test_an_interval_can_be_open() -> None:
    found = equivalent_images(SIZES, curve(-3, 0, 3), [91.0, 88.0, 86.0], alpha=0.05)
    assert found.relation == "about"
    assert found.interval[1] is None
    assert found.text.endswith("to more than 1,000)")


def test_one_seed_has_no_interval() -> None:
    found = equivalent_images(SIZES, curve(0), [80.0], alpha=0.05)
    assert found.interval is None
    assert found.text == "about 316"


def test_without_seeds_the_given_standard_error_is_used() -> None:
    found = equivalent_images(SIZES, curve(0), [80.0], alpha=0.05, uncertainty=(0.5, 19))
    half = 2.093024 * 0.5
    assert found.interval == pytest.approx([10 ** (1 + (80 - 50 + sign * half) / 20) for sign in (-1, 1)], rel=0.01)
    seeds = equivalent_images(SIZES, curve(-1, 0, 1), [79.0, 80.0, 81.0], alpha=0.05, uncertainty=(9.0, 2))
    assert seeds.text == "about 316 (316 to 316)"


@pytest.mark.parametrize(
    ("accuracy", "real", "worth"),
    [
        (80.0, 100, "about 220 (180 to 260)"),
        (80.0, 300, "about 16 (none to 56)"),
        (80.0, 330, "none (none to 26)"),
        (80.0, 400, "none"),
        (40.0, 10, "none"),
        (95.0, 100, "more than 900"),
        (89.9, 100, "about 890 (780 to more than 900)"),
    ],
)
def test_worth_is_what_comes_on_top_of_the_real_images(accuracy: float, real: int, worth: str) -> None:
    found = equivalent_images(SIZES, curve(0), [accuracy], alpha=0.05, uncertainty=(0.5, 19))
    assert found.worth(real) == worth


def test_a_decreasing_part_of_the_curve_is_made_isotonic() -> None:
    org = np.array([50.0, 72.0, 68.0, 90.0])[:, None]
    found = equivalent_images([10, 100, 200, 1000], org, [70.0], alpha=0.05)
    assert found.equivalent == pytest.approx(100)
    assert equivalent_images([10, 100, 200, 1000], org, [80.0], alpha=0.05).equivalent == pytest.approx(
        np.sqrt(200 * 1000)
    )


def test_a_higher_accuracy_never_gives_fewer_images() -> None:
    rng = np.random.default_rng(0)
    org = curve(*rng.normal(size=4)) + rng.normal(size=(3, 4))
    values = [
        equivalent_images(SIZES, org, np.full(4, accuracy), alpha=0.05).equivalent
        for accuracy in np.arange(40, 100, 2.5)
    ]
    assert values == sorted(values)
    assert (values[0], values[-1]) == (10, 1000)


def test_the_interval_covers_the_true_number() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        noise = 3 * rng.normal(size=(4, 3))
        low, high = equivalent_images(SIZES, curve(0, 0, 0) + noise[:3], 75 + noise[3], alpha=0.05).interval
        covered += (low or 0) <= 10**2.25 <= (high or np.inf)
    assert covered / 200 >= 0.9


@pytest.mark.parametrize(
    ("sizes", "org"),
    [([10], np.ones((1, 2))), ([10, 10], np.ones((2, 2))), ([0, 10], np.ones((2, 2))), ([10, 20], np.ones((2, 3)))],
)
def test_invalid_curves_are_refused(sizes: list[int], org: np.ndarray) -> None:
    with pytest.raises(ValueError, match="no curve"):
        equivalent_images(sizes, org, [1.0, 2.0], alpha=0.05)

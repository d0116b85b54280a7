"""Intervals of subgroups: they cover the true differences together, and agree with the comparison of the cell."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

from suite.statistics.comparison import compare
from suite.statistics.subgroups import Arms, subgroup_intervals
from suite.statistics.verdict import estimate


@dataclass(frozen=True)
class Design:
    """Answers from a probit model: an answer is right if the sum of all effects is positive.

    The standard deviation of a single answer's noise is 1. The effects of an image are shared by both arms or of one
    arm, those of a seed are of one arm; a class has an effect of the seed of its own.

    Attributes:
        classes: Number of classes.
        images: Number of test images of each class.
        seeds: Number of classifier seeds.
        shared: Standard deviation of the image effect that both arms have.
        own: Standard deviation of the image effect of one arm.
        seed: Standard deviation of the effect of a seed on a class.
        levels: Mean of the sum for ``org`` and for the case.
        cluster: Images with the same image effects.
    """

    classes: int
    images: int
    seeds: int
    shared: float
    own: float
    seed: float
    levels: tuple[float, float] = (2.0, 2.0)
    cluster: int = 1

    @property
    def difference(self) -> float:
        """The true difference of every class in percentage points."""
        scale = np.sqrt(1 + self.shared**2 + self.own**2 + self.seed**2)
        org, case = (100 * stats.norm.cdf(level / scale) for level in self.levels)
        return float(case - org)

    def draw(self, rng: np.random.Generator) -> tuple[Arms, np.ndarray, np.ndarray | None]:
        """Return the predictions, the class of each image and its group."""
        images = self.classes * self.images
        codes = np.repeat(np.arange(self.classes), self.images)
        clusters = np.arange(images) // self.cluster
        shared = rng.normal(0, self.shared, images)[clusters]
        arms = []
        for level in self.levels:
            own = rng.normal(0, self.own, images)[clusters]
            seed = rng.normal(0, self.seed, (self.seeds, self.classes))[:, codes]
            arms.append(level + shared + own + seed + rng.normal(0, 1, (self.seeds, images)) > 0)
        org, case = arms
        return Arms(case, org), codes, clusters if self.cluster > 1 else None


DESIGNS = {
    "digits: 36 images, easy": Design(10, 36, 5, 1.5, 0.5, 0.2, (4.0, 4.0)),
    "CIFAR-10 in smoke: 40 images": Design(10, 40, 5, 1.5, 0.7, 0.3, (0.5, 0.8)),
    "melanoma: 180 images": Design(2, 180, 5, 1.0, 0.8, 0.2, (1.0, 0.7)),
    "12 images": Design(10, 12, 5, 1.5, 0.7, 0.3, (1.0, 1.0)),
    "seeds dominate": Design(10, 500, 5, 0.3, 0.1, 0.6, (1.0, 1.0)),
    "images dominate": Design(10, 60, 8, 2.0, 2.0, 0.0, (1.0, 1.0)),
    "images in groups of 4": Design(4, 80, 5, 1.5, 1.0, 0.2, (1.0, 1.0), cluster=4),
}


def missed(design: Design, datasets: int, seed: int = 0) -> float:
    """Return the share of simulated data sets in which any interval misses the true difference."""
    rng = np.random.default_rng(seed)
    errors = 0
    for _ in range(datasets):
        arms, codes, groups = design.draw(rng)
        intervals = subgroup_intervals(arms, codes, groups, syn=False).values()
        errors += any(not low - 1e-9 <= design.difference <= high + 1e-9 for low, high in filter(None, intervals))
    return errors / datasets


@pytest.mark.parametrize("name", DESIGNS)
def test_intervals_of_all_classes_cover_their_true_differences_together(name: str) -> None:
    """At most 5 %, with 300 data sets: 7.5 % is two standard errors above."""
    assert missed(DESIGNS[name], 300) <= 0.075


def arms(seeds: int = 5, images: int = 200, seed: int = 0) -> tuple[Arms, np.ndarray]:
    design = Design(4, images // 4, seeds, 1.0, 0.5, 0.2, (1.0, 1.0))
    found, codes, _ = design.draw(np.random.default_rng(seed))
    return found, codes


def test_one_subgroup_has_the_estimate_of_the_whole_cell() -> None:
    found, codes = arms()
    (interval,) = subgroup_intervals(found, codes * 0, syn=False).values()
    assert interval is not None
    whole = estimate(compare(found.case, found.org, codes), syn=False)
    t_seeds, t_images = stats.t.isf(0.05 / 5 / 2, whole.df), stats.t.isf(0.05 / 2, 199)
    half = np.sqrt(t_seeds**2 * whole.seed_variance + t_images**2 * whole.image_variance)
    assert interval == pytest.approx((whole.difference - half, whole.difference + half))


def test_more_subgroups_make_wider_intervals() -> None:
    found, codes = arms()
    four = subgroup_intervals(found, codes, syn=False)
    two = subgroup_intervals(found.of(codes < 2), codes[codes < 2], syn=False)
    assert [*four] == [0, 1, 2, 3]
    for code, (low, high) in two.items():
        wide = four[code]
        assert wide is not None
        assert wide[0] < low < high < wide[1]


def test_a_planted_loss_of_one_class_is_found_and_only_there() -> None:
    found, codes = arms(images=800)
    broken = np.where((codes == 2) & (np.arange(800) % 3 == 0), False, found.case)
    intervals = subgroup_intervals(found._replace(case=broken), codes, syn=False)
    assert [code for code, interval in intervals.items() if interval and interval[1] < 0] == [2]


def test_swapping_the_arms_mirrors_the_intervals() -> None:
    found, codes, _ = Design(4, 200, 5, 1.0, 0.5, 0.2, (0.0, 0.2)).draw(np.random.default_rng(0))
    mirrored = subgroup_intervals(Arms(found.org, found.case), codes, syn=False)
    for code, interval in subgroup_intervals(found, codes, syn=False).items():
        assert interval is not None
        assert mirrored[code] == pytest.approx((-interval[1], -interval[0]))


@pytest.mark.parametrize("seeds", [1, 2, 4, 6])
def test_without_the_seeds_of_a_look_there_is_no_interval(seeds: int) -> None:
    found, codes = arms(seeds=seeds)
    assert set(subgroup_intervals(found, codes, syn=False).values()) == {None}


def test_one_image_or_one_group_has_no_interval() -> None:
    found, codes = arms()
    codes = np.where(np.arange(200) == 7, 9, codes)
    groups = np.where(codes == 1, 3, -1)
    intervals = subgroup_intervals(found, codes, groups, syn=False)
    assert [code for code, interval in intervals.items() if interval is None] == [1, 9]


def test_intervals_end_where_no_difference_is_possible() -> None:
    found, codes = arms(images=40)
    for code, interval in subgroup_intervals(found, codes, syn=True).items():
        assert interval is not None
        org = 100 * found.org[:, codes == code].mean()
        assert -org <= interval[0] < interval[1] <= 100 - org


def test_a_classifier_without_seeds_has_intervals_from_its_resamples() -> None:
    rng = np.random.default_rng(0)
    codes = np.arange(400) % 4
    right = rng.random(400) < 0.9
    again = [right ^ (rng.random((20, 400)) < 0.03) for _ in range(2)]
    worse = right & ~((codes == 1) & (np.arange(400) % 2 == 0) & (rng.random(400) < 0.7))
    probe = Arms(worse[None], right[None], worse ^ (rng.random((20, 400)) < 0.03), again[1])
    intervals = subgroup_intervals(probe, codes, syn=False)
    assert all(interval is not None for interval in intervals.values())
    same = subgroup_intervals(Arms(right[None], right[None], *again), codes, syn=False)
    assert all(interval is not None and interval[0] < 0 < interval[1] for interval in same.values())

"""The test behind the verdicts: closed forms, properties, and error rates and power by simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from suite.statistics.variance_sources import (
    CLASSIFIER_SEEDS,
    GENERATOR_SEEDS,
    TEST_IMAGES,
    VarianceSource,
    half_width,
    minimum_detectable,
    p_value,
    powered_level,
    sources_of,
)

ERRORS = st.floats(1e-4, 50)
SOURCES = st.lists(
    st.builds(VarianceSource, st.just(CLASSIFIER_SEEDS), ERRORS, st.integers(1, 400)), min_size=1, max_size=3
)
# (generator seeds, classifier seeds, images), then the standard deviations of the effects of generator seeds,
# classifier seeds, images and single predictions
REGIMES = {
    "three seeds vary more than images": ((1, 3, 300), 0.0, 0.3, 0.1, 0.1),
    "five seeds vary more than images": ((1, 5, 300), 0.0, 0.3, 0.1, 0.1),
    "images vary more than three seeds": ((1, 3, 300), 0.0, 0.0, 0.5, 0.05),
    "images vary more than ten seeds": ((1, 10, 150), 0.0, 0.05, 0.5, 0.1),
    "both vary": ((1, 3, 300), 0.0, 0.1, 0.4, 0.2),
    "only single predictions vary": ((1, 3, 300), 0.0, 0.0, 0.0, 0.5),
    "a small test set": ((1, 3, 40), 0.0, 0.1, 0.3, 0.3),
    "generator seeds vary": ((3, 3, 200), 0.3, 0.0, 0.1, 0.1),
    "org's seeds vary under three generator seeds": ((3, 3, 200), 0.0, 0.3, 0.1, 0.1),
    "everything varies": ((3, 3, 200), 0.2, 0.2, 0.2, 0.2),
}


def simulated(
    simulate, regime: str, trials: int, **options: float
) -> tuple[np.ndarray, np.ndarray, tuple[VarianceSource, ...]]:
    shape, generators, seeds, images, noise = REGIMES[regime]
    case, org = simulate(
        trials, shape, generators=generators, seeds=seeds, images=images, noise=noise, seed=7, **options
    )
    differences = case[0].astype(np.int8) - org[:, None].astype(np.int8)
    return differences, 100 * differences.mean(axis=(1, 2, 3)), sources_of(differences)


@pytest.mark.parametrize("regime", REGIMES)
def test_false_positive_rate_is_at_most_the_level(simulate, regime: str) -> None:
    trials = 1500
    _, difference, sources = simulated(simulate, regime, trials)
    for alpha in (0.05, 0.05 / 6):  # the second is Holm's level for the first of six cells
        rate = np.mean(np.abs(difference) > half_width(sources, alpha))
        assert rate <= alpha + 3 * np.sqrt(alpha * (1 - alpha) / trials)


def test_each_source_is_needed(simulate) -> None:
    """Student's t over one source alone has far too many false positives if another source varies."""

    def false_positive_rate(regime: str, name: str) -> float:
        _, difference, sources = simulated(simulate, regime, 500)
        selected = tuple(source for source in sources if source.name == name)
        return float(np.mean(np.abs(difference) > half_width(selected, 0.05)))

    assert false_positive_rate("images vary more than three seeds", CLASSIFIER_SEEDS) > 0.2
    assert false_positive_rate("three seeds vary more than images", TEST_IMAGES) > 0.2
    assert false_positive_rate("org's seeds vary under three generator seeds", GENERATOR_SEEDS) > 0.2


def test_a_two_level_bootstrap_would_have_too_many_false_positives(simulate) -> None:
    """The reason not to use one: three seeds are too few to resample."""
    differences, _, _ = simulated(simulate, "three seeds vary more than images", 150)
    rng = np.random.default_rng(0)
    false_positives = 0
    for trial in differences[:, 0]:
        seeds = rng.integers(0, 3, (200, 3))
        weights = np.stack([(seeds == seed).mean(axis=1) for seed in range(3)], axis=1)
        images = rng.multinomial(300, np.full(300, 1 / 300), 200) / 300
        low, high = np.quantile(((weights @ trial) * images).sum(axis=1), [0.025, 0.975])
        false_positives += not low <= 0 <= high
    assert false_positives / 150 > 0.1


@pytest.mark.parametrize("regime", ["three seeds vary more than images", "both vary", "everything varies"])
@pytest.mark.parametrize("alpha", [0.05, 0.05 / 6])
def test_a_minimum_detectable_difference_is_found_with_the_stated_power(simulate, regime: str, alpha: float) -> None:
    trials = 1500
    _, difference, sources = simulated(simulate, regime, trials)
    true = tuple(source._replace(standard_error=np.sqrt(np.mean(source.standard_error**2))) for source in sources)
    effect = minimum_detectable(true, alpha)
    found = difference + effect > half_width(sources, alpha)
    assert np.mean(found) >= 0.8 - 3 * np.sqrt(0.16 / trials)
    if regime.startswith("three"):
        assert np.mean(found) <= 0.86  # one source dominates: the power is exact, not only a lower bound


def test_power_agrees_with_statsmodels() -> None:
    power = pytest.importorskip("statsmodels.stats.power", reason="install statsmodels to compare with it")
    for df, alpha in [(2, 0.05), (4, 0.05), (9, 0.01), (400, 0.05)]:
        source = VarianceSource(CLASSIFIER_SEEDS, np.float64(0.7 / np.sqrt(df + 1)), df)
        effect = power.TTestPower().solve_power(nobs=df + 1, alpha=alpha, power=0.8)
        assert minimum_detectable((source,), alpha) == pytest.approx(0.7 * effect, rel=1e-4)


def test_power_of_two_seeds_at_levels_beyond_the_noncentral_t() -> None:
    """One degree of freedom: T > c is Z + noncentrality > c |Y| with independent standard normal Z and Y."""
    source = VarianceSource(CLASSIFIER_SEEDS, np.float64(1), 1)
    size = np.abs(stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000))
    for alpha in (1e-3, 6e-4, 1e-6):
        power = stats.norm.sf(stats.t.isf(alpha / 2, 1) * size - minimum_detectable((source,), alpha)).mean()
        assert power == pytest.approx(0.8, abs=1e-3)


def test_standard_errors_in_closed_form() -> None:
    differences = np.random.default_rng(3).integers(-1, 2, (3, 4, 50))
    generators, seeds, images = sources_of(differences)
    assert generators.standard_error == pytest.approx(100 * stats.sem(differences.mean(axis=(1, 2))))
    assert seeds.standard_error == pytest.approx(100 * stats.sem(differences.mean(axis=(0, 2))))
    per_image = 100 * stats.sem(differences.mean(axis=(0, 1)))
    assert images.standard_error == pytest.approx(np.hypot(per_image, 100 / 50))
    assert [source.df for source in (generators, seeds, images)] == [2, 3, 49]
    assert [source.name for source in sources_of(differences[:1])] == [CLASSIFIER_SEEDS, TEST_IMAGES]


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=9).filter(lambda values: np.std(values) > 1e-6))
def test_one_source_equals_students_t(values: list[float]) -> None:
    source = VarianceSource(CLASSIFIER_SEEDS, np.float64(stats.sem(values)), len(values) - 1)
    expected = stats.ttest_1samp(values, 0)
    assert p_value(np.mean(values), (source,)) == pytest.approx(
        max(expected.pvalue, 1e-100), rel=1e-6, abs=1e-4 if expected.pvalue > 0.9998 else 0
    )
    low, high = expected.confidence_interval(0.95)
    assert half_width((source,), 0.05) == pytest.approx((high - low) / 2)


@given(SOURCES, st.floats(-200, 200))
def test_p_value_is_at_least_that_of_every_single_source(sources: list[VarianceSource], difference: float) -> None:
    p = p_value(difference, tuple(sources))
    assert 1e-100 <= p <= 1
    for source in sources:
        single = 2 * stats.t.sf(abs(difference) / source.standard_error, source.df)
        assert p >= single * (1 - 1e-6)


@given(SOURCES, st.floats(-200, 200), st.floats(1e-6, 0.5))
def test_interval_and_p_value_are_consistent(sources: list[VarianceSource], difference: float, alpha: float) -> None:
    p, half = p_value(difference, tuple(sources)), half_width(tuple(sources), alpha)
    if abs(p / alpha - 1) > 1e-6:
        assert (p < alpha) == (abs(difference) > half)


@given(SOURCES, st.floats(0.01, 100))
def test_the_effect_is_just_detectable_at_the_powered_level(sources: list[VarianceSource], effect: float) -> None:
    level = powered_level(effect, tuple(sources))
    if level is None:
        assert minimum_detectable(tuple(sources), 0.99) > effect
    elif level > 1e-90:
        assert minimum_detectable(tuple(sources), level) == pytest.approx(effect, rel=1e-2)


def test_p_values_are_vectorised_over_trials() -> None:
    errors, differences = np.array([0.5, 1.0, 2.0, 0.1]), np.array([0.0, 1.0, -8.0, 50.0])
    sources = (VarianceSource(CLASSIFIER_SEEDS, errors, 2), VarianceSource(TEST_IMAGES, errors / 2, 99))
    each = [
        float(
            p_value(difference, tuple(source._replace(standard_error=source.standard_error[i]) for source in sources))
        )
        for i, difference in enumerate(differences)
    ]
    assert p_value(differences, sources) == pytest.approx(each, rel=1e-9)

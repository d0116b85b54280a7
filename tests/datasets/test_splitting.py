import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from suite.datasets.splitting import split_validation
from suite.randomness import numpy_generator

IMAGES = st.lists(st.tuples(st.integers(0, 2), st.integers(-3, 6)), min_size=1, max_size=60)
QUOTAS = st.tuples(*[st.integers(0, 12)] * 3)


def split(images: list[tuple[int, int]], quotas: tuple[int, ...], seed: int) -> tuple[np.ndarray, np.ndarray]:
    labels, groups = np.array(images, dtype=np.int64).T
    return split_validation(labels, groups, quotas, numpy_generator(seed, "test"))


@given(IMAGES, QUOTAS, st.integers(0, 9))
def test_all_images_are_kept_groups_stay_whole_and_quotas_hold(images: list, quotas: tuple, seed: int) -> None:
    aside, kept = split(images, quotas, seed)
    assert sorted([*aside, *kept]) == list(range(len(images)))
    groups = [{images[index][1] for index in side if images[index][1] >= 0} for side in (aside, kept)]
    assert not groups[0] & groups[1]
    for label, quota in enumerate(quotas):
        assert sum(images[index][0] == label for index in aside) <= quota


@given(IMAGES, QUOTAS, st.integers(0, 9))
def test_images_without_groups_fill_their_quotas(images: list, quotas: tuple, seed: int) -> None:
    ungrouped = [(label, -1) for label, _ in images]
    aside, _ = split(ungrouped, quotas, seed)
    for label, quota in enumerate(quotas):
        count = sum(image[0] == label for image in images)
        assert sum(images[index][0] == label for index in aside) == min(quota, count)


@given(IMAGES, QUOTAS, st.integers(0, 9))
def test_the_order_depends_on_the_seed_only(images: list, quotas: tuple, seed: int) -> None:
    order = split(images, (0, 0, 0), seed)[1].tolist()
    for side in split(images, quotas, seed):
        assert side.tolist() == [index for index in order if index in set(side.tolist())]


def test_seeds_give_different_splits() -> None:
    images = [(index % 3, -1) for index in range(60)]
    splits = {tuple(split(images, (5, 5, 5), seed)[0].tolist()) for seed in range(10)}
    assert len(splits) == 10

"""Mixture: all images of all parts."""

from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simple_recipes import Painted

from suite.artifacts import Store
from suite.engines.build import build_all
from suite.images import ImageSet, Mixture

COUNTS = st.tuples(st.integers(0, 4), st.integers(0, 4))


class Unknown(Painted):
    """A set whose counts are not known before it is built."""

    @property
    def counts(self) -> None:  # type: ignore[override]
        return None


@settings(max_examples=20)
@given(counts=st.lists(COUNTS, min_size=1, max_size=3))
def test_counts_are_added_and_all_images_are_included(
    tmp_path_factory: pytest.TempPathFactory, counts: list[tuple[int, int]]
) -> None:
    store = Store(Path(mkdtemp(dir=tmp_path_factory.getbasetemp())))
    store.prepare()
    parts = tuple(Painted(per_class=each, seed=seed) for seed, each in enumerate(counts))
    mixture = Mixture(parts=parts)
    build_all(store, [mixture])
    opened = mixture.open(store)
    assert mixture.counts == tuple(map(sum, zip(*counts, strict=True))) == opened.counts(2)
    assert np.array_equal(opened.images, np.concatenate([part.open(store).images for part in parts]))
    assert store.get(mixture).json("summary.json") == {"sizes": [sum(each) for each in counts]}


def test_no_pixels_are_stored(store: Store) -> None:
    mixture = Mixture(parts=(Painted(per_class=(30, 30)), Painted(per_class=(30, 30), seed=1)))
    build_all(store, [mixture])
    assert store.get(mixture).bytes < 100


def test_counts_are_unknown_if_those_of_a_part_are() -> None:
    assert Mixture(parts=(Painted(per_class=(1, 2)), Unknown(per_class=(1, 2)))).counts is None


def test_parts_of_different_image_sizes_are_opened_at_one_size(store: Store) -> None:
    parts: tuple[ImageSet, ...] = (Painted(per_class=(2,)), Painted(per_class=(2,), size=9))
    mixture = Mixture(parts=parts)
    build_all(store, [mixture])
    with pytest.raises(ValueError):
        mixture.open(store)
    assert mixture.open_resized(store, 9).images.shape == (4, 9, 9, 3)

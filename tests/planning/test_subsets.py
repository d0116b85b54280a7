"""The real images for training and for testing."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from suite.artifacts import DataPaths
from suite.datasets.content import Content
from suite.datasets.locate import LocatedDataset, locate
from suite.planning.profiles.profile import DataBudget
from suite.planning.subsets import subsets


@pytest.fixture(scope="module")
def memo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory in which the content of digits is cached."""
    return tmp_path_factory.mktemp("memo")


@given(
    counts=st.lists(st.integers(3, 400), min_size=2, max_size=6),
    image_budget=st.none() | st.integers(2, 300),
    test_budget=st.none() | st.integers(1, 300),
    share=st.floats(0.01, 0.9),
    evaluate=st.sampled_from(["test", "validation"]),
)
@example(counts=[3, 3], image_budget=None, test_budget=None, share=0.875, evaluate="test")
def test_subsets_respect_the_budget_and_the_number_of_images(
    memo: Path, counts: list[int], image_budget: int | None, test_budget: int | None, share: float, evaluate: str
) -> None:
    digits = locate("digits", DataPaths(), memo)
    content = Content(
        id="0" * 32, classes=tuple(map(str, counts)), train=tuple(counts), test=tuple(counts), largest_side=8
    )
    data = DataBudget(per_class=image_budget, test_per_class=test_budget, validation=share)
    real, evaluation = subsets(LocatedDataset(digits.card, digits.where, content), data, evaluate)
    for count, validation, selected in zip(counts, real.validation, real.per_class, strict=True):
        assert 1 <= validation < count
        assert 1 <= selected <= count - validation
        assert image_budget is None or selected <= image_budget
    assert evaluation.images.split == ("test" if evaluate == "test" else "train")
    assert all(0 < selected <= count for selected, count in zip(evaluation.per_class, counts, strict=True))

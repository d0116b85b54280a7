"""What the generators that are trained here have seen."""

import pytest

from suite.generators.generator import generators


@pytest.mark.parametrize("name", ["biggan", "cd"])
def test_the_generators_trained_here_have_seen_this_train_split_alone(name: str) -> None:
    assert generators.get(name).trained_on == "this train split"
    assert generators.is_built_in(name)

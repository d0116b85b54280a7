"""What the trained generators say they were trained on."""

import pytest

from suite.generators.generator import generators


@pytest.mark.parametrize("name", ["biggan", "cd"])
def test_generators_trained_from_scratch_are_trained_on_this_train_split_only(name: str) -> None:
    assert generators.get(name).trained_on == "this train split"
    assert generators.is_built_in(name)

import pytest
import torch

from suite.errors import Diverged
from suite.generators.common.losses import Losses


def test_curves_are_means_over_fifty_steps_and_over_the_remaining_steps() -> None:
    losses = Losses(60, "a", "b")
    for step in range(60):
        losses.add(step, torch.tensor(float(step)), torch.tensor(1.0), label="test")
    assert losses.curves() == {"a": [24.5, 54.5], "b": [1.0, 1.0]}


def test_the_curve_is_part_of_the_state() -> None:
    losses, restored = Losses(10, "a"), Losses(10, "a")
    losses.add(0, torch.tensor(20.0), label="test")
    restored.load_state_dict(losses.state_dict())
    assert restored.curves() == {"a": [2.0]}


@pytest.mark.parametrize(("bad", "reported"), [(3, 49), (70, 99), (101, 101)])
def test_a_loss_that_is_not_finite_is_reported_within_fifty_steps_or_at_the_end(bad: int, reported: int) -> None:
    losses = Losses(102, "error")
    for step in range(reported):
        losses.add(step, torch.tensor(torch.nan if step == bad else 1.0), label="cd, seed 7")
    with pytest.raises(Diverged, match=f"cd, seed 7: the error is nan by step {reported + 1}"):
        losses.add(reported, torch.tensor(torch.nan if reported == bad else 1.0), label="cd, seed 7")

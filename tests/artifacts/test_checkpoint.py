"""A training resumes from a checkpoint with the same result."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from suite.artifacts import checkpoint
from suite.artifacts.checkpoint import Checkpoint

Optimiser = Callable[[nn.Module], torch.optim.Optimizer]
OPTIMISERS: dict[str, Optimiser] = {
    "sgd": lambda model: torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True),
    "plain": lambda model: torch.optim.SGD(model.parameters(), lr=0.1),
    "adamw": lambda model: torch.optim.AdamW(model.parameters(), lr=0.01),
    "adam": lambda model: torch.optim.Adam(model.parameters(), lr=0.01, betas=(0.0, 0.99)),
}


class Training:
    """A few steps of a network with running statistics."""

    def __init__(self, folder: Path, optimiser: Optimiser) -> None:
        torch.manual_seed(0)
        self.model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))
        self.optimiser = optimiser(self.model)
        self.checkpoint = Checkpoint(folder, model=self.model, optimiser=self.optimiser)

    def steps(self, first: int, last: int) -> None:
        for step in range(first, last):
            batch = torch.rand(5, 4, generator=torch.Generator().manual_seed(step))
            self.optimiser.zero_grad()
            self.model(batch).square().mean().backward()
            self.optimiser.step()

    def state(self) -> dict[str, bytes]:
        return {name: value.numpy().tobytes() for name, value in self.model.state_dict().items()}


@pytest.mark.parametrize("name", OPTIMISERS)
def test_a_resumed_training_equals_an_uninterrupted_one(tmp_path: Path, name: str) -> None:
    uninterrupted = Training(tmp_path, OPTIMISERS[name])
    uninterrupted.steps(0, 9)
    first = Training(tmp_path, OPTIMISERS[name])
    first.steps(0, 4)
    first.checkpoint.save(4)
    second = Training(tmp_path, OPTIMISERS[name])
    assert second.checkpoint.restore() == 4
    second.steps(4, 9)
    assert second.state() == uninterrupted.state()


def test_without_a_checkpoint_training_starts_at_step_0(tmp_path: Path) -> None:
    assert Training(tmp_path, OPTIMISERS["sgd"]).checkpoint.restore() == 0


@pytest.mark.parametrize("content", [b"", b"half of a checkpoint", None])
def test_an_unreadable_checkpoint_is_removed(tmp_path: Path, content: bytes | None) -> None:
    training = Training(tmp_path, OPTIMISERS["sgd"])
    training.steps(0, 2)
    training.checkpoint.save(2)
    path = tmp_path / "checkpoint.safetensors"
    path.write_bytes(path.read_bytes()[:-10] if content is None else content)
    assert training.checkpoint.restore() == 0
    assert not path.exists()


def test_a_checkpoint_without_a_step_is_ignored(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"model/0.weight": torch.zeros(3, 4)}, tmp_path / "checkpoint.safetensors")
    assert Training(tmp_path, OPTIMISERS["sgd"]).checkpoint.restore() == 0


def test_the_old_checkpoint_is_kept_until_the_new_one_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = Training(tmp_path, OPTIMISERS["sgd"])
    training.checkpoint.save(1)

    def killed(_tensors: object, path: Path, **_: object) -> None:
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr("safetensors.torch.save_file", killed)
    with pytest.raises(KeyboardInterrupt):
        training.checkpoint.save(2)
    monkeypatch.undo()
    assert training.checkpoint.restore() == 1


def test_checkpoints_are_written_at_intervals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: now)
    training = Training(tmp_path, OPTIMISERS["sgd"])
    training.checkpoint.offer(1)
    assert training.checkpoint.restore() == 0
    now += checkpoint.SECONDS_BETWEEN
    training.checkpoint.offer(2)
    assert training.checkpoint.restore() == 2
    training.checkpoint.offer(3)
    assert training.checkpoint.restore() == 2


def test_slow_checkpoints_are_written_less_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 100.0, 103.0])  # creation, then start and end of a save that takes three seconds
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: next(now))
    training = Training(tmp_path, OPTIMISERS["sgd"])
    training.checkpoint.save(1)
    for seconds, saved in ((103 + 3 * checkpoint.SECONDS_BETWEEN - 1, 1), (103 + 3 * checkpoint.SECONDS_BETWEEN, 2)):
        monkeypatch.setattr(checkpoint.time, "monotonic", lambda seconds=seconds: seconds)
        training.checkpoint.offer(2)
        assert training.checkpoint.restore() == saved

"""Training checkpoints as safetensors: a resumed training ends with the same bytes as an uninterrupted one."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from suite.artifacts.files import temporary_path

if TYPE_CHECKING:
    import torch

# If the last save took t > 1 seconds, the interval is t times as long: saving costs at most a twentieth of the time.
SECONDS_BETWEEN = float(os.environ.get("SUITE_CHECKPOINT_SECONDS", "20"))


class Checkpoint:
    """Saves the state of modules and optimisers at intervals, and restores it.

    Learning rates, data order and noise are functions of the step number. The state therefore consists of weights,
    buffers, optimiser moments and the step number. The interval does not change the artifact.

    Args:
        directory: Scratch directory of the build context.
        parts: Named modules and optimisers; exponential moving averages are modules too.
    """

    def __init__(self, directory: Path, **parts: "torch.nn.Module | torch.optim.Optimizer") -> None:
        self._path = directory / "checkpoint.safetensors"
        self._parts = parts
        self._last_save = time.monotonic()
        self._save_seconds = 0.0

    def restore(self) -> int:
        """Load the newest checkpoint and return the number of finished steps.

        Returns:
            The step number of the checkpoint; 0 if there is none or it cannot be read. An unreadable file is removed.
        """
        import torch
        from safetensors import SafetensorError, safe_open

        if not self._path.exists():
            return 0
        try:
            with safe_open(self._path, framework="pt") as file:
                step = int(file.metadata()["step"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
        except (SafetensorError, KeyError, TypeError, ValueError):  # not a complete checkpoint
            self._path.unlink()
            return 0
        for name, part in self._parts.items():
            state = {
                key.removeprefix(f"{name}/"): value for key, value in tensors.items() if key.startswith(f"{name}/")
            }
            if isinstance(part, torch.nn.Module):
                part.load_state_dict(state)
            else:
                _load_optimiser(part, state)
        return step

    def offer(self, step: int) -> None:
        """Save the state after ``step`` steps if the last checkpoint is old enough."""
        if time.monotonic() - self._last_save >= SECONDS_BETWEEN * max(1.0, self._save_seconds):
            self.save(step)

    def save(self, step: int) -> None:
        """Save the state after ``step`` steps; the new file replaces the old one only when it is complete."""
        import torch
        from safetensors.torch import save_file

        started = time.monotonic()
        tensors: dict[str, torch.Tensor] = {}
        for name, part in self._parts.items():
            state = part.state_dict() if isinstance(part, torch.nn.Module) else _optimiser_tensors(part)
            tensors |= {f"{name}/{key}": value.detach().cpu().contiguous().clone() for key, value in state.items()}
        new = temporary_path(self._path)
        try:
            save_file(tensors, new, metadata={"step": str(step)})
            new.replace(self._path)
        except Exception:  # a partial checkpoint would take up space on a full disk
            new.unlink(missing_ok=True)
            raise
        self._last_save = time.monotonic()
        self._save_seconds = self._last_save - started


def _optimiser_tensors(optimiser: "torch.optim.Optimizer") -> "dict[str, torch.Tensor]":
    import torch

    state = optimiser.state_dict()["state"]
    return {
        f"{index}/{name}": value if isinstance(value, torch.Tensor) else torch.tensor(value)
        for index, entry in state.items()
        for name, value in entry.items()
        if value is not None
    }


def _load_optimiser(optimiser: "torch.optim.Optimizer", tensors: "dict[str, torch.Tensor]") -> None:
    import torch

    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in tensors.items():
        index, name = key.split("/", 1)
        state.setdefault(int(index), {})[name] = value
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
    for group in optimiser.param_groups:
        for weight in group["params"]:
            for name, value in optimiser.state[weight].items():
                # Fused kernels index weights and moments by raw memory, so their memory layouts must be equal.
                if value.shape == weight.shape:
                    optimiser.state[weight][name] = torch.empty_like(weight).copy_(value)

"""Checkpoints of a training, as safetensors: what an interrupted build goes on from, to the same bytes."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from suite.artifacts.files import beside

if TYPE_CHECKING:
    import torch

# As many times what the last one took, if that was more than a second: saving costs a twentieth of the time at most.
SECONDS_BETWEEN = float(os.environ.get("SUITE_CHECKPOINT_SECONDS", "20"))


class Checkpoint:
    """Saves the state of modules and optimisers every so often, and brings it back.

    Learning rates, orders and noise are functions of the step number, so that weights, buffers, moments and the
    step are all the state there is. How often a checkpoint is written changes no byte of the artifact.

    Args:
        directory: The workbench's scratch directory.
        parts: Named modules and optimisers; exponential averages are modules too.
    """

    def __init__(self, directory: Path, **parts: "torch.nn.Module | torch.optim.Optimizer") -> None:
        self._path = directory / "checkpoint.safetensors"
        self._parts = parts
        self._last = time.monotonic()
        self._took = 0.0

    def restore(self) -> int:
        """Load the newest checkpoint, if there is one, and return the number of steps done."""
        import torch
        from safetensors import SafetensorError, safe_open

        if not self._path.exists():
            return 0
        try:
            with safe_open(self._path, framework="pt") as file:
                step = int(file.metadata()["step"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
        except (SafetensorError, KeyError, TypeError, ValueError):  # no checkpoint of ours
            self._path.unlink()
            return 0
        for name, part in self._parts.items():
            own = {key.removeprefix(f"{name}/"): value for key, value in tensors.items() if key.startswith(f"{name}/")}
            if isinstance(part, torch.nn.Module):
                part.load_state_dict(own)
            else:
                _load_optimiser(part, own)
        return step

    def offer(self, step: int) -> None:
        """Save the state after ``step`` steps if the last checkpoint is old enough."""
        if time.monotonic() - self._last >= SECONDS_BETWEEN * max(1.0, self._took):
            self.save(step)

    def save(self, step: int) -> None:
        """Save the state after ``step`` steps; the old checkpoint stays until the new one is whole."""
        import torch
        from safetensors.torch import save_file

        began = time.monotonic()
        tensors: dict[str, torch.Tensor] = {}
        for name, part in self._parts.items():
            own = part.state_dict() if isinstance(part, torch.nn.Module) else _optimiser_tensors(part)
            tensors |= {f"{name}/{key}": value.detach().cpu().contiguous().clone() for key, value in own.items()}
        new = beside(self._path)
        try:
            save_file(tensors, new, metadata={"step": str(step)})
            new.replace(self._path)
        except Exception:  # a disk that is full has no room for half a checkpoint
            new.unlink(missing_ok=True)
            raise
        self._last = time.monotonic()
        self._took = self._last - began


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
                if value.shape == weight.shape:  # fused kernels walk both by raw memory: the layouts must agree
                    optimiser.state[weight][name] = torch.empty_like(weight).copy_(value)

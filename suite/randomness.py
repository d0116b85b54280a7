"""Randomness that is handed in: every draw comes from (seed, stream, step), never from global state."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import torch


def derive(seed: int, stream: str, step: int = 0) -> int:
    """Return 63 bits that depend on all three arguments and on nothing else.

    Args:
        seed: Seed of a classifier, generator, sampler or split.
        stream: What is drawn: ``"initial weights"``, ``"order"``, ``"augmentation"``.
        step: Number of the optimiser step, epoch or image the draw is for, so that an interrupted run goes on
            with the same draws and no generator's state has to be kept.
    """
    digest = hashlib.sha256(f"{seed}\0{stream}\0{step}".encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def torch_generator(seed: int, stream: str, step: int = 0, device: str = "cpu") -> "torch.Generator":
    """Return a torch generator for one draw; see ``derive``.

    Draws are made on the CPU unless asked otherwise, so that they are the same on every device.
    """
    import torch

    return torch.Generator(device).manual_seed(derive(seed, stream, step))


def numpy_generator(seed: int, stream: str, step: int = 0) -> "np.random.Generator":
    """Return a numpy generator for one draw; see ``derive``."""
    import numpy as np

    return np.random.default_rng(derive(seed, stream, step))


@contextmanager
def initialising(seed: int, stream: str) -> Iterator[None]:
    """Seed torch's global CPU generator inside the block only, for initialisers that take no generator.

    Outside the block nothing of it is left, whatever was drawn within.
    """
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, stream))
        yield

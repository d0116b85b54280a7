"""Random numbers from explicit seeds: every draw is derived from (seed, stream, step), never from global state."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import torch


def derive(seed: int, stream: str, step: int = 0) -> int:
    """Return a 63-bit seed that depends on the three arguments only.

    Args:
        seed: Seed of a classifier, generator, sampler or split.
        stream: What the numbers are for: ``"initial weights"``, ``"order"``, ``"augmentation"``.
        step: Number of the optimiser step, epoch or image that the draw is for. A resumed run then makes the same
            draws without a saved generator state.

    Returns:
        An integer from 0 to 2**63 - 1: the first eight bytes of a SHA-256 digest, shifted by one bit.
    """
    digest = hashlib.sha256(f"{seed}\0{stream}\0{step}".encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def torch_generator(seed: int, stream: str, step: int = 0, device: str = "cpu") -> "torch.Generator":
    """Return a torch generator for one draw; see ``derive``.

    By default numbers are drawn on the CPU, so that they are the same whatever device computes with them.
    """
    import torch

    return torch.Generator(device).manual_seed(derive(seed, stream, step))


def numpy_generator(seed: int, stream: str, step: int = 0) -> "np.random.Generator":
    """Return a numpy generator for one draw; see ``derive``."""
    import numpy as np

    return np.random.default_rng(derive(seed, stream, step))


@contextmanager
def initialising(seed: int, stream: str) -> Iterator[None]:
    """Seed torch's global CPU generator inside the block, for initialisers that take no generator argument.

    The generator's previous state is restored after the block.
    """
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive(seed, stream))
        yield

import pytest
import torch

from suite.errors import Unavailable
from suite.generators.sd.memory import within_memory
from suite.randomness import torch_generator

TOO_MUCH = 2**60


class Hungry:
    """Needs more memory than there is for more than ``fits`` images at once; notes how many it was asked for."""

    def __init__(self, fits: int) -> None:
        self.fits = fits
        self.asked: list[int] = []

    def __call__(self, labels: torch.Tensor, generators: list[torch.Generator]) -> torch.Tensor:
        self.asked.append(len(labels))
        noise = torch.stack([torch.rand(3, 2, 2, generator=one) for one in generators])
        torch.empty(0 if len(labels) <= self.fits else TOO_MUCH)
        return noise + labels[:, None, None, None]


def batch(size: int) -> tuple[torch.Tensor, list[torch.Generator]]:
    return torch.arange(size), [torch_generator(0, "image", number) for number in range(size)]


def test_a_batch_that_fits_is_made_at_once() -> None:
    hungry = Hungry(8)
    within_memory(hungry, who="sd", device="cpu")(*batch(8))
    assert hungry.asked == [8]


def test_images_do_not_change_when_fewer_are_made_at_once() -> None:
    whole = within_memory(Hungry(12), who="sd", device="cpu")(*batch(12))
    hungry = Hungry(5)
    careful = within_memory(hungry, who="sd", device="cpu")
    with pytest.warns(UserWarning, match="do not fit") as warned:
        assert torch.equal(careful(*batch(12)), whole)
    assert hungry.asked == [12, 6, 4, 4, 4]
    assert str(warned[-1].message) == (
        "sd: 6 images at once do not fit into the memory of cpu, going on with 4: set sampling.batch_size lower"
    )
    assert torch.equal(careful(*batch(12)), whole)
    assert hungry.asked[5:] == [4, 4, 4], "what did not fit once is not tried again"


@pytest.mark.filterwarnings("ignore:sd. . images at once")
def test_not_even_one_is_one_clear_line() -> None:
    with pytest.raises(Unavailable, match="sd: not even one image at a time fits into the memory of cpu"):
        within_memory(Hungry(0), who="sd", device="cpu")(*batch(4))


def test_other_failures_are_not_taken_for_memory() -> None:
    def broken(labels: torch.Tensor, generators: list[torch.Generator]) -> torch.Tensor:
        return labels @ torch.ones(len(generators) + 1, dtype=labels.dtype)

    with pytest.raises(RuntimeError, match="inconsistent tensor size"):
        within_memory(broken, who="sd", device="cpu")(*batch(2))

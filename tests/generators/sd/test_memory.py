import pytest
import torch

from suite.errors import Unavailable
from suite.generators.sd.memory import within_memory
from suite.randomness import torch_generator

TOO_MANY_VALUES = 2**60


class LimitedSampler:
    """Runs out of memory if a batch has more than ``max_images`` images; records the sizes of all batches."""

    def __init__(self, max_images: int) -> None:
        self.max_images = max_images
        self.batch_sizes: list[int] = []

    def __call__(self, labels: torch.Tensor, generators: list[torch.Generator]) -> torch.Tensor:
        self.batch_sizes.append(len(labels))
        noise = torch.stack([torch.rand(3, 2, 2, generator=generator) for generator in generators])
        torch.empty(0 if len(labels) <= self.max_images else TOO_MANY_VALUES)
        return noise + labels[:, None, None, None]


def batch(size: int) -> tuple[torch.Tensor, list[torch.Generator]]:
    return torch.arange(size), [torch_generator(0, "image", number) for number in range(size)]


def test_a_batch_that_fits_is_not_split() -> None:
    sampler = LimitedSampler(8)
    within_memory(sampler, label="sd", device="cpu")(*batch(8))
    assert sampler.batch_sizes == [8]


def test_images_do_not_change_if_a_batch_is_split() -> None:
    whole = within_memory(LimitedSampler(12), label="sd", device="cpu")(*batch(12))
    sampler = LimitedSampler(5)
    draw = within_memory(sampler, label="sd", device="cpu")
    with pytest.warns(UserWarning, match="does not fit") as warned:
        assert torch.equal(draw(*batch(12)), whole)
    assert sampler.batch_sizes == [12, 6, 4, 4, 4]
    assert str(warned[-1].message) == (
        "sd: a batch of 6 images does not fit into the memory of cpu, continuing with 4: "
        "set a lower sampling.batch_size"
    )
    assert torch.equal(draw(*batch(12)), whole)
    assert sampler.batch_sizes[5:] == [4, 4, 4], "a size that did not fit is not tried again"


@pytest.mark.filterwarnings("ignore:sd. a batch of")
def test_an_image_that_does_not_fit_alone_gives_a_one_line_error() -> None:
    with pytest.raises(Unavailable, match="sd: a single image does not fit into the memory of cpu"):
        within_memory(LimitedSampler(0), label="sd", device="cpu")(*batch(4))


def test_other_errors_are_not_treated_as_out_of_memory() -> None:
    def broken(labels: torch.Tensor, generators: list[torch.Generator]) -> torch.Tensor:
        return labels @ torch.ones(len(generators) + 1, dtype=labels.dtype)

    with pytest.raises(RuntimeError, match="inconsistent tensor size"):
        within_memory(broken, label="sd", device="cpu")(*batch(2))

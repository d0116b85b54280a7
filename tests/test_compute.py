"""Compute settings of a step."""

import pytest
import torch

from suite.compute import Compute


@pytest.fixture(autouse=True)
def _restored() -> object:
    """Restore torch's settings."""
    threads, tf32 = torch.get_num_threads(), torch.backends.cudnn.allow_tf32
    yield
    torch.set_num_threads(threads)
    torch.backends.cudnn.allow_tf32 = tf32
    torch.set_float32_matmul_precision("highest")


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_and_determinism_are_set(threads: int) -> None:
    Compute(threads=threads).apply()
    assert torch.get_num_threads() == threads
    assert torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize(("precision", "dtype"), [("float32", torch.float32), ("bfloat16", torch.bfloat16)])
def test_precision_of_the_forward_pass(precision: str, dtype: torch.dtype) -> None:
    compute = Compute.model_validate({"precision": precision})
    with compute.autocast("cpu"):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype is dtype


def test_tf32_is_off_for_float32_after_a_bfloat16_build() -> None:
    for precision, tf32 in (("bfloat16", True), ("float32", False)):
        Compute.model_validate({"precision": precision}).apply()
        assert torch.backends.cudnn.allow_tf32 is tf32
        assert torch.get_float32_matmul_precision() == ("high" if tf32 else "highest")


def test_training_on_a_gpu_uses_the_attention_kernel_with_deterministic_gradients() -> None:
    compute = Compute()
    with compute.attention("cuda"):
        assert torch.backends.cuda.math_sdp_enabled()
        for fused in ("flash", "mem_efficient", "cudnn"):
            assert not getattr(torch.backends.cuda, f"{fused}_sdp_enabled")()
    with compute.attention("cpu"):
        assert torch.backends.cuda.flash_sdp_enabled()


def test_a_permuted_batch_gets_the_memory_format_of_the_settings() -> None:
    batch = torch.zeros(2, 8, 8, 3).permute(0, 3, 1, 2)
    assert not batch.is_contiguous()
    assert Compute().layout(batch).is_contiguous()
    last = Compute(memory_format="channels_last")
    assert last.layout(batch).is_contiguous(memory_format=torch.channels_last)
    weight = last.format(torch.nn.Conv2d(3, 8, 3)).weight
    assert weight.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("setting", [{"threads": 0}, {"precision": "float64"}, {"memory_format": "nchw"}, {"gpu": 1}])
def test_invalid_settings_are_refused(setting: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Compute.model_validate(setting)

"""How a step computes: what a profile fixes because it changes bytes."""

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    import torch


class Compute(BaseModel):
    """Precision, memory format and threads of one step. Part of its key; the device is not.

    Attributes:
        threads: Threads of one process; one and two threads give different bits.
        precision: ``float32``, or ``bfloat16`` for autocast around forward passes.
        memory_format: ``channels_last`` for convolutions that prefer it.
        compile: Whether networks go through ``torch.compile``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    threads: int = Field(1, ge=1)
    precision: Literal["float32", "bfloat16"] = "float32"
    memory_format: Literal["contiguous", "channels_last"] = "contiguous"
    compile: bool = False

    def apply(self) -> None:
        """Set this process's threads, deterministic algorithms and precision, as every build does first.

        Two things that torch does unless it is told not to are turned off: rounding the operands of convolutions to ten
        bits on a GPU (TF32) where the precision is float32, and filling all memory with NaN before use where
        algorithms are deterministic, at the price of a kernel a tensor.
        """
        import torch
        from threadpoolctl import threadpool_limits

        torch.set_num_threads(self.threads)
        threadpool_limits(self.threads)  # numpy's libraries, which do not hear of torch's setting
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        torch.backends.cudnn.benchmark = False
        rounded = self.precision != "float32"
        torch.backends.cudnn.allow_tf32 = rounded
        torch.set_float32_matmul_precision("high" if rounded else "highest")

    def autocast(self, device: str) -> "torch.autocast":
        """Return the context manager for a forward pass on ``device``."""
        import torch

        return torch.autocast(device.split(":")[0], torch.bfloat16, enabled=self.precision == "bfloat16")

    def attention(self, device: str) -> AbstractContextManager[None]:
        """Return the context manager for the attention of a training on ``device``.

        On a GPU torch's fused kernels add up gradients in no fixed order, so that the same key would have other bytes.
        """
        from torch.nn.attention import SDPBackend, sdpa_kernel

        return sdpa_kernel(SDPBackend.MATH) if device.startswith("cuda") else nullcontext()

    def format(self, module: "torch.nn.Module") -> "torch.nn.Module":
        """Return ``module`` in this memory format, compiled if asked for."""
        import torch

        if self.memory_format == "channels_last":
            module = module.to(memory_format=torch.channels_last)
        if self.compile:
            module.compile()
        return module

    def layout(self, images: "torch.Tensor") -> "torch.Tensor":
        """Return a batch (N, C, H, W) in this memory format.

        A batch that was permuted from NHWC is channels last already, and every convolution after it would be too:
        with fewer than eight channels oneDNN's backward pass then writes outside its memory (torch 2.14).
        """
        import torch

        wanted = torch.channels_last if self.memory_format == "channels_last" else torch.contiguous_format
        return images.contiguous(memory_format=wanted)

"""Compute settings of a step: those that change the bytes of its artifact."""

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    import torch


class Compute(BaseModel):
    """Precision, memory format and threads of one step. They are part of its key; the device is not.

    Attributes:
        threads: Threads of one process. Results with one and with two threads differ in the last bits.
        precision: ``float32``, or ``bfloat16`` to run forward passes under autocast.
        memory_format: Memory format of images and weights; ``channels_last`` is faster for many convolutions.
        compile: Whether to compile networks with ``torch.compile``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    threads: int = Field(1, ge=1)
    precision: Literal["float32", "bfloat16"] = "float32"
    memory_format: Literal["contiguous", "channels_last"] = "contiguous"
    compile: bool = False

    @property
    def in_float32(self) -> "Compute":
        """The same settings in float32: published distances use it, and a metric's id names no precision."""
        return self.model_copy(update={"precision": "float32"})

    def apply(self) -> None:
        """Set this process's threads, deterministic algorithms and precision. Every build calls this first.

        Two defaults of torch are turned off: TF32, which rounds the operands of float32 convolutions to ten bits of
        mantissa on a GPU, and filling uninitialised memory with NaN in deterministic mode, which costs one kernel a
        tensor.
        """
        import torch
        from threadpoolctl import threadpool_limits

        torch.set_num_threads(self.threads)
        threadpool_limits(self.threads)  # for numpy's libraries, which ignore torch's setting
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        torch.backends.cudnn.benchmark = False
        tf32 = self.precision != "float32"
        torch.backends.cudnn.allow_tf32 = tf32
        torch.set_float32_matmul_precision("high" if tf32 else "highest")

    def autocast(self, device: str) -> "torch.autocast":
        """Return the context manager for a forward pass on ``device``."""
        import torch

        return torch.autocast(device.split(":")[0], torch.bfloat16, enabled=self.precision == "bfloat16")

    def attention(self, device: str) -> AbstractContextManager[None]:
        """Return the context manager for attention layers during training on ``device``.

        On a GPU, torch's fused attention kernels sum gradients in an order that varies, so that the same key would give
        different bytes. The math kernel is deterministic.
        """
        from torch.nn.attention import SDPBackend, sdpa_kernel

        return sdpa_kernel(SDPBackend.MATH) if device.startswith("cuda") else nullcontext()

    def format(self, module: "torch.nn.Module") -> "torch.nn.Module":
        """Return ``module`` in this memory format, compiled if ``compile`` is set."""
        import torch

        if self.memory_format == "channels_last":
            module = module.to(memory_format=torch.channels_last)
        if self.compile:
            module.compile()
        return module

    def layout(self, images: "torch.Tensor") -> "torch.Tensor":
        """Return a batch (N, C, H, W) in this memory format.

        A batch that was permuted from NHWC is already channels last, and so would be the output of every convolution
        after it. With fewer than eight channels, oneDNN's backward pass then writes outside its memory (torch 2.14).
        """
        import torch

        memory_format = torch.channels_last if self.memory_format == "channels_last" else torch.contiguous_format
        return images.contiguous(memory_format=memory_format)

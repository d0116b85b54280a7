"""How a step computes: what a profile fixes because it changes bytes."""

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
        """Set this process's thread count and deterministic algorithms, as every build does first."""
        import torch
        from threadpoolctl import threadpool_limits

        torch.set_num_threads(self.threads)
        threadpool_limits(self.threads)  # numpy's libraries, which do not hear of torch's setting
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.backends.cudnn.benchmark = False
        if self.precision != "float32":
            torch.set_float32_matmul_precision("high")

    def autocast(self, device: str) -> "torch.autocast":
        """Return the context manager for a forward pass on ``device``."""
        import torch

        return torch.autocast(device.split(":")[0], torch.bfloat16, enabled=self.precision == "bfloat16")

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

"""Convolution of images of 1x1 or 2x2 as a matrix product, without the products with padding."""

import torch
from torch import nn
from torch.nn import functional

from suite.classifiers.settings import SMALL_SIDE


class SmallImageConv2d(nn.Conv2d):
    """A 3x3 convolution with padding 1 and without bias, faster on images of at most 2x2.

    Most of a 3x3 kernel lies on the padding there: all but one of its nine positions at 1x1, all but four at 2x2. The
    last stages of a ResNet see such images if its input has 8x8 or 16x16 pixels. Results differ from those of
    ``nn.Conv2d`` by rounding only. On a CPU this also avoids a fault of torch 2.14: in bfloat16, the gradient of a
    convolution with stride 2 on images of 1x1 reads uninitialised memory.
    """

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Convolve images (N, C, H, W)."""
        height, width = images.shape[2:]
        if height != width or height > SMALL_SIDE:
            return super().forward(images)
        side = -(-height // self.stride[0])
        pixels = functional.linear(images.permute(0, 2, 3, 1).flatten(1), self._matrix(height, side))
        return pixels.view(-1, side, side, self.out_channels).permute(0, 3, 1, 2)

    def _matrix(self, side: int, output_side: int) -> torch.Tensor:
        """Return the weights of each output pixel for all input pixels: (side**2 x outputs, side**2 x inputs)."""
        kernel = self.weight.permute(0, 2, 3, 1)
        return torch.cat(
            [
                kernel[:, 1 - row : 1 - row + side, 1 - column : 1 - column + side].flatten(1)
                for row in range(output_side)
                for column in range(output_side)
            ]
        )

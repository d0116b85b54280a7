"""Adding up the layers of a network: its parameters, operations and activations, without building it."""

from dataclasses import dataclass

from suite.compute import Compute

FLOAT32 = 4
BACKWARD = 2  # gradients by the inputs and by the weights cost a forward pass each


@dataclass
class Layers:
    """What the layers that were named so far come to, for one image.

    Attributes:
        parameters: Trained parameters.
        operations: Floating-point operations of a forward pass.
        values: Numbers that a forward pass keeps for the backward pass.
        largest: Numbers in the largest output.
    """

    parameters: int = 0
    operations: float = 0.0
    values: int = 0
    largest: int = 0

    def convolution(self, inputs: int, outputs: int, side: int, kernel: int = 3, *, bias: bool = True) -> None:
        """Add a convolution whose output is ``side`` x ``side``."""
        weights = inputs * outputs * kernel**2
        self.parameters += weights + bias * outputs
        self.operations += 2.0 * weights * side**2
        self._keep(outputs * side**2)

    def linear(self, inputs: int, outputs: int, rows: int = 1, *, bias: bool = True) -> None:
        """Add a linear layer that is applied to so many vectors."""
        self.parameters += inputs * outputs + bias * outputs
        self.operations += 2.0 * inputs * outputs * rows
        self._keep(outputs * rows)

    def normalisation(self, channels: int, side: int, *, affine: bool = True) -> None:
        """Add a normalisation and the activation after it: both keep what comes out of them."""
        self.parameters += 2 * affine * channels
        self._keep(channels * side**2)
        self._keep(channels * side**2)

    def attention(self, channels: int, side: int) -> None:
        """Add self-attention over all positions: four linear layers and two products of all pairs."""
        for _ in range(4):
            self.linear(channels, channels, side**2)
        self.operations += 4.0 * channels * side**4

    def training(self, batch: int, copies: int, compute: Compute) -> int:
        """Return the bytes that a training holds: weights, their copies, and the activations of one batch.

        Args:
            batch: Images a step.
            copies: What is kept of each parameter beside its weight: gradient, moments, average.
            compute: With autocast activations are half as large, and a copy of the weights is cast.
        """
        half = compute.precision != "float32"
        weights = self.parameters * (FLOAT32 * (1 + copies) + (FLOAT32 // 2) * half)
        return weights + batch * self.values * (FLOAT32 // 2 if half else FLOAT32)

    def inference(self, batch: int) -> int:
        """Return the bytes that a forward pass holds: weights, and four of the largest outputs of one batch."""
        return FLOAT32 * (self.parameters + 4 * batch * self.largest)

    def _keep(self, values: int) -> None:
        self.values += values
        self.largest = max(self.largest, values)

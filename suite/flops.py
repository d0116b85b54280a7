"""Count the parameters, operations and activations of a network from its layer sizes, without building it."""

from dataclasses import dataclass

from suite.compute import Compute

FLOAT32 = 4
BACKWARD = 2  # the gradients of the inputs and of the weights cost as much as a forward pass each


@dataclass
class Layers:
    """Totals over the layers added so far, for one image.

    Attributes:
        parameters: Number of trained parameters.
        operations: Floating-point operations of a forward pass.
        activations: Number of values that a forward pass keeps for the backward pass.
        largest_output: Number of values in the largest output of a layer.
    """

    parameters: int = 0
    operations: float = 0.0
    activations: int = 0
    largest_output: int = 0

    def convolution(
        self, inputs: int, outputs: int, side: int, kernel: int = 3, *, bias: bool = True, products: int | None = None
    ) -> None:
        """Add a convolution.

        Args:
            inputs: Input channels.
            outputs: Output channels.
            side: Height and width of the output.
            kernel: Height and width of the kernel.
            bias: Whether it has a bias.
            products: Products for each pair of channels; None is all of the kernel, those with padding included.
        """
        self.parameters += inputs * outputs * kernel**2 + bias * outputs
        self.operations += 2.0 * inputs * outputs * (products or kernel**2 * side**2)
        self._keep(outputs * side**2)

    def linear(self, inputs: int, outputs: int, rows: int = 1, *, bias: bool = True) -> None:
        """Add a linear layer.

        Args:
            inputs: Length of an input vector.
            outputs: Length of an output vector.
            rows: Number of vectors it is applied to.
            bias: Whether it has a bias.
        """
        self.parameters += inputs * outputs + bias * outputs
        self.operations += 2.0 * inputs * outputs * rows
        self._keep(outputs * rows)

    def normalisation(self, channels: int, side: int, *, affine: bool = True) -> None:
        """Add a normalisation and the activation function after it; autograd keeps the outputs of both."""
        self.parameters += 2 * affine * channels
        self._keep(channels * side**2)
        self._keep(channels * side**2)

    def attention(self, channels: int, side: int) -> None:
        """Add self-attention over all positions: four linear layers and two products over all pairs."""
        for _ in range(4):
            self.linear(channels, channels, side**2)
        self.operations += 4.0 * channels * side**4

    def training(self, batch: int, copies: int, compute: Compute) -> int:
        """Return the bytes of memory that training needs: weights, their copies, and the activations of one batch.

        Args:
            batch: Images per step.
            copies: Values kept per parameter besides its weight: gradient, moments of the optimiser, moving average.
            compute: With autocast, activations take half the memory and a 16-bit copy of the weights is added.
        """
        half = compute.precision != "float32"
        weights = self.parameters * (FLOAT32 * (1 + copies) + (FLOAT32 // 2) * half)
        return weights + batch * self.activations * (FLOAT32 // 2 if half else FLOAT32)

    def inference(self, batch: int) -> int:
        """Return the bytes of memory that a forward pass needs: weights, and four of the largest outputs of a batch."""
        return FLOAT32 * (self.parameters + 4 * batch * self.largest_output)

    def _keep(self, output: int) -> None:
        self.activations += output
        self.largest_output = max(self.largest_output, output)

"""What is known of some pipelines without loading them, for estimates; another pipeline has none."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """One pipeline's networks: operations counted by torch's ``FlopCounterMode`` on the published configurations.

    Attributes:
        size: Height and width of its images; operations and outputs grow with the number of pixels.
        parameters: Of text encoder, denoising network and autoencoder.
        encoding: Operations of the text encoder for one prompt.
        evaluation: Operations of the denoising network for one image.
        decoding: Operations of the autoencoder for one image.
        largest: Numbers in the largest output for one image: the autoencoder's last blocks.
    """

    size: int
    parameters: int
    encoding: float
    evaluation: float
    decoding: float
    largest: int


KNOWN = {
    "stable-diffusion-v1-5/stable-diffusion-v1-5": Known(
        size=512,
        parameters=1_066_235_307,
        encoding=13.3e9,
        evaluation=803e9,
        decoding=2_515e9,
        largest=256 * 512**2,
    ),
}
TINY = Known(
    size=16,
    parameters=2_533_987,
    encoding=6.3e6,
    evaluation=26.2e6,
    decoding=8.1e6,
    largest=16 * 16**2,
)
# Operations of the tiny pipeline's training, forward and backward, for one picture.
TEXT_ENCODER, AUTOENCODER, DENOISER = 20.0e6, 33.6e6, 75.5e6

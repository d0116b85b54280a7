"""Measured sizes of known pipelines, for cost estimates without loading them. Other pipelines have no estimate."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PipelineSize:
    """Size of the networks of one pipeline.

    Operations are floating-point operations, counted by torch's ``FlopCounterMode`` on the published configurations.

    Attributes:
        size: Height and width of the images in pixels; operations and outputs grow with the number of pixels.
        parameters: Parameters of text encoder, denoising network and autoencoder together.
        encoding: Operations of the text encoder for one prompt.
        evaluation: Operations of the denoising network for one image.
        decoding: Operations of the autoencoder's decoder for one image.
        largest_output: Number of values in the largest layer output for one image: the decoder's last blocks.
    """

    size: int
    parameters: int
    encoding: float
    evaluation: float
    decoding: float
    largest_output: int


KNOWN_PIPELINES = {
    "stable-diffusion-v1-5/stable-diffusion-v1-5": PipelineSize(
        size=512,
        parameters=1_066_235_307,
        encoding=13.3e9,
        evaluation=803e9,
        decoding=2_515e9,
        largest_output=256 * 512**2,
    ),
}
TINY_PIPELINE = PipelineSize(
    size=16,
    parameters=1_314_995,
    encoding=6.3e6,
    evaluation=12.4e6,
    decoding=8.1e6,
    largest_output=16 * 16**2,
)
# Operations of a forward and a backward pass for one image in the training of the tiny pipeline's networks.
TEXT_ENCODER_TRAINING, AUTOENCODER_TRAINING, DENOISER_TRAINING = 20.0e6, 33.6e6, 35.0e6

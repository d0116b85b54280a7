"""Drawing samples from a trained GAN generator."""

import torch

from suite.artifacts import BuildContext
from suite.generators.biggan.network import GanGenerator
from suite.generators.biggan.recipes import SampleGan
from suite.generators.biggan.settings import SUMMARY, WEIGHTS
from suite.generators.biggan.shape import sizes
from suite.generators.common.resizing import resized
from suite.generators.common.sampling import make_images
from suite.images.image_set import IMAGES


def sample(recipe: SampleGan, context: BuildContext) -> None:
    """Draw the images ``recipe`` asks for and write them with a summary.

    Raises:
        Diverged: If samples are not finite or all alike.
    """
    settings, trained = recipe.settings, recipe.trained
    size = sizes(trained.settings, trained.settings.size or recipe.size)[-1]
    network = GanGenerator(trained.settings, trained.classes, size)
    weights = context.artifact(trained).tensors(WEIGHTS)
    network.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    recipe.compute.format(network.to(context.device).eval())

    @torch.inference_mode()
    def draw(labels: torch.Tensor, generators: list[torch.Generator]) -> torch.Tensor:
        noise = torch.stack([_noise(network.noise, settings.truncation, each) for each in generators])
        with recipe.compute.autocast(context.device):
            images: torch.Tensor = network(noise.to(context.device), labels)
        return images

    made = make_images(context, draw, counts=recipe.per_class, batch_size=settings.batch_size, seed=recipe.seed)
    made = resized(made, recipe.size)
    context.write_tensors(IMAGES, {"images": made.images, "labels": made.labels})
    context.write_json(SUMMARY, {"n": len(made), "truncation": settings.truncation, "evaluations_per_image": 1})


def _noise(length: int, truncation: float | None, random: torch.Generator) -> torch.Tensor:
    """Return standard normal noise, (``length``,), all of it within plus or minus ``truncation`` if that is given."""
    if truncation is None:
        return torch.randn(length, generator=random)
    return torch.nn.init.trunc_normal_(torch.empty(length), a=-truncation, b=truncation, generator=random)

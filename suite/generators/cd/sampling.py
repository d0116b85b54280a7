"""Drawing samples from a trained denoising network."""

import torch
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from diffusers.schedulers.scheduling_ddpm import DDPMScheduler
from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler
from diffusers.utils.torch_utils import randn_tensor

from suite.artifacts import BuildContext
from suite.generators.cd.network import denoiser, noise_schedule
from suite.generators.cd.recipes import SampleDiffusion
from suite.generators.cd.settings import SUMMARY, WEIGHTS
from suite.generators.common.resizing import resized
from suite.generators.common.sampling import make_images
from suite.images.image_set import IMAGES


def sample(recipe: SampleDiffusion, context: BuildContext) -> None:
    """Draw the images ``recipe`` asks for and write them with a summary.

    Raises:
        Diverged: If samples are not finite or all alike.
    """
    settings = recipe.settings
    solver = Solver(recipe, context)
    made = make_images(context, solver.draw, counts=recipe.per_class, batch_size=settings.batch_size, seed=recipe.seed)
    made = resized(made, recipe.size)
    context.write_tensors(IMAGES, {"images": made.images, "labels": made.labels})
    summary = {
        "n": len(made),
        "solver": settings.solver,
        "steps": settings.steps,
        "guidance": settings.guidance,
        "evaluations_per_image": settings.evaluations,
    }
    context.write_json(SUMMARY, summary)


class Solver:
    """A trained network and the solver that turns noise into images with it."""

    def __init__(self, recipe: SampleDiffusion, context: BuildContext) -> None:
        training = recipe.trained.settings
        self._settings = recipe.settings
        self._compute = recipe.compute
        self._no_class = recipe.trained.classes
        self._size = training.size or recipe.size
        self._device = torch.device(context.device)
        network = denoiser(training, recipe.trained.classes)
        weights = context.artifact(recipe.trained).tensors(WEIGHTS)
        network.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
        self._network = recipe.compute.format(network.to(self._device).eval())
        schedule = noise_schedule(training)
        if recipe.settings.solver == "dpm-solver++":
            # The squared cosine ends in pure noise but for 1 part in 20,000: an image divided by that is no image.
            self._scheduler = DPMSolverMultistepScheduler(**schedule, lambda_min_clipped=-5.1)
        elif recipe.settings.solver == "ddim":
            self._scheduler = DDIMScheduler(**schedule, timestep_spacing="trailing")
        else:
            self._scheduler = DDPMScheduler(**schedule, timestep_spacing="trailing")

    @torch.inference_mode()
    def draw(self, labels: torch.Tensor, generators: list[torch.Generator]) -> torch.Tensor:
        """Return an image for each label, float32 (B, 3, H, W) around [-1, 1], each from its own generator."""
        # A multistep solver keeps the last batch's predictions until it is told to start again.
        self._scheduler.set_timesteps(self._settings.steps)
        images: torch.Tensor = randn_tensor((len(labels), 3, self._size, self._size), generators, self._device)
        for time in self._scheduler.timesteps:
            prediction = self._predict(images, time, labels)
            images = self._scheduler.step(prediction, time, images, generator=generators).prev_sample
        return images

    def _predict(self, images: torch.Tensor, time: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        weight = self._settings.guidance
        with self._compute.autocast(self._device.type):
            if weight == 1:
                prediction: torch.Tensor = self._network(images, time, labels).sample
                return prediction.float()
            both = torch.cat([labels, torch.full_like(labels, self._no_class)])
            conditional, free = self._network(torch.cat([images, images]), time, both).sample.float().chunk(2)
        return torch.lerp(free, conditional, weight)

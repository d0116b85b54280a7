"""Sampling images from a trained denoising network."""

from collections.abc import Sequence
from functools import partial

import torch
from diffusers.models.unets.unet_2d import UNet2DModel
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from diffusers.schedulers.scheduling_ddpm import DDPMScheduler
from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler
from diffusers.utils.torch_utils import randn_tensor

from suite.artifacts import BuildContext
from suite.compute import Compute
from suite.devices import to_device
from suite.generators.cd.network import noise_schedule
from suite.generators.cd.settings import SUMMARY, DiffusionSampling, DiffusionTraining
from suite.generators.common.sampling import make_images
from suite.images.image_set import IMAGES
from suite.images.labelled import LabelledImages
from suite.images.resizing import resize_images


class Solver:
    """Turns noise into images with a trained network.

    Args:
        network: Trained network.
        training: Settings it was trained with.
        settings: Settings of the sampling.
        classes: Number of classes; also the label that stands for "no class".
        size: Height and width of the network's images in pixels.
        compute: Precision, memory format and threads.
        device: Name of the torch device.
    """

    def __init__(
        self,
        network: UNet2DModel,
        training: DiffusionTraining,
        settings: DiffusionSampling,
        *,
        classes: int,
        size: int,
        compute: Compute,
        device: str,
    ) -> None:
        self._settings = settings
        self._compute = compute
        self._no_class = classes
        self._size = size
        self._device = torch.device(device)
        self._network = compute.format(network.to(self._device).eval())
        schedule = noise_schedule(training)
        if settings.solver == "dpm-solver++":
            # The squared cosine schedule ends in nearly pure noise, with a signal of 1 part in 20,000. The solver would
            # divide by that and return no usable image.
            self._scheduler = DPMSolverMultistepScheduler(**schedule, lambda_min_clipped=-5.1)
        elif settings.solver == "ddim":
            self._scheduler = DDIMScheduler(**schedule, timestep_spacing="trailing")
        else:
            self._scheduler = DDPMScheduler(**schedule, timestep_spacing="trailing")

    @torch.inference_mode()
    def draw(
        self, labels: torch.Tensor, generators: list[torch.Generator], start: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Sample one image per label, each with its own random generator.

        Args:
            labels: int64, (B,), on the device.
            generators: One random generator per image.
            start: float32, (B, 3, H, W) in [-1, 1], on the device: the image that each sample starts from, with the
                noise of ``strength``; None starts from noise.

        Returns:
            float32, (B, 3, H, W), mostly in [-1, 1].
        """
        # A multistep solver keeps the predictions of the last batch until the time steps are set again.
        self._scheduler.set_timesteps(self._settings.steps)
        images: torch.Tensor = randn_tensor((len(labels), 3, self._size, self._size), generators, self._device)
        times = self._scheduler.timesteps
        if start is not None:
            times = times[self._settings.skipped :]
            images = self._scheduler.add_noise(start, images, times[:1].expand(len(labels)).to(self._device))
            if isinstance(self._scheduler, DPMSolverMultistepScheduler):
                self._scheduler.set_begin_index(self._settings.skipped)
        for time in times:
            prediction = self._predict(images, time, labels)
            images = self._scheduler.step(prediction, time, images, generator=generators).prev_sample
        return images

    def starts(self, real: LabelledImages) -> list[torch.Tensor]:
        """Return the images of each class that samples start from, float32 (N, 3, H, W) in [-1, 1], on the device."""
        real = resize_images(real, self._size)
        images = torch.from_numpy(real.images).permute(0, 3, 1, 2).float().div(127.5).sub(1).to(self._device)
        labels = torch.from_numpy(real.labels).to(self._device)
        return [images[labels == label] for label in range(self._no_class)]

    def draw_from(
        self, starts: list[torch.Tensor], labels: torch.Tensor, generators: list[torch.Generator]
    ) -> torch.Tensor:
        """Sample images as ``draw`` does, each from a random image of its class in ``starts``."""
        chosen = []
        for label, generator in zip(labels.tolist(), generators, strict=True):
            of_class = starts[label]
            chosen.append(of_class[int(torch.randint(len(of_class), (), generator=generator))])
        return self.draw(labels, generators, torch.stack(chosen))

    def _predict(self, images: torch.Tensor, time: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        weight = self._settings.guidance
        time = to_device(time, self._device)
        with self._compute.autocast(self._device.type):
            if weight == 1:
                prediction: torch.Tensor = self._network(images, time, labels).sample
                return prediction.float()
            both = torch.cat([labels, torch.full_like(labels, self._no_class)])
            conditional, unconditional = self._network(torch.cat([images, images]), time, both).sample.float().chunk(2)
        return torch.lerp(unconditional, conditional, weight)


def sample(
    context: BuildContext,
    solver: Solver,
    *,
    settings: DiffusionSampling,
    counts: Sequence[int],
    size: int,
    seed: int,
    real: LabelledImages | None = None,
) -> None:
    """Sample images and write them with a summary.

    Args:
        context: Build context that receives the files.
        solver: Solver with the trained network.
        settings: Settings of the sampling.
        counts: Number of images per class.
        size: Height and width of the written images in pixels.
        seed: Seed of the noise.
        real: Images of every class that samples start from, as many steps before the end as ``strength`` says; None
            starts from noise.

    Raises:
        Diverged: If samples are not finite, or all images of a class are the same.
    """
    draw = solver.draw if real is None else partial(solver.draw_from, solver.starts(real))
    images = make_images(context, draw, counts=counts, batch_size=settings.batch_size, seed=seed)
    images = resize_images(images, size)
    context.write_tensors(IMAGES, {"images": images.images, "labels": images.labels})
    summary = {
        "n": len(images),
        "solver": settings.solver,
        "steps": settings.steps,
        "guidance": settings.guidance,
        "evaluations_per_image": settings.evaluations,
        "strength": settings.strength,
    }
    context.write_json(SUMMARY, summary)

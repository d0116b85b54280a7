"""A script without the suite: train a class-conditional UNet with diffusers and save its samples.

    python diffusion.py --train REAL --out SAMPLES --steps 1000 --solver-steps 10

It is the training loop of diffusers' examples, without accelerate: a DataLoader, AdamW, a cosine schedule, EMAModel and
gradient clipping; network, steps and solver are those of the suite's smoke profile for digits.
"""

import argparse
from pathlib import Path

import torch
from diffusers import DDPMScheduler, DPMSolverMultistepScheduler, UNet2DModel
from diffusers.optimization import get_cosine_schedule_with_warmup
from diffusers.training_utils import EMAModel
from PIL import Image
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder


def main() -> None:
    """Train and sample as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--train", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=8)
    parser.add_argument("--channels", type=int, nargs="+", default=[16, 32])
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--solver-steps", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(0)
    prepare = transforms.Compose(
        [transforms.Resize(options.size), transforms.ToTensor(), transforms.Normalize([0.5] * 3, [0.5] * 3)]
    )
    real = ImageFolder(options.train, prepare)
    loader = DataLoader(real, options.batch_size, shuffle=True, drop_last=True, num_workers=options.workers)
    classes = len(real.classes)
    network = UNet2DModel(
        block_out_channels=tuple(options.channels),
        layers_per_block=1,
        down_block_types=("DownBlock2D",) * len(options.channels),
        up_block_types=("UpBlock2D",) * len(options.channels),
        add_attention=False,
        norm_num_groups=8,
        num_class_embeds=classes + 1,
    )
    schedule = {"beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction"}
    noise_schedule = DDPMScheduler(**schedule)
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=0.0)
    rate = get_cosine_schedule_with_warmup(optimiser, 20, options.steps)
    average = EMAModel(network.parameters(), decay=0.99)
    step = 0
    while step < options.steps:
        for images, labels in loader:
            noise = torch.randn_like(images)
            times = torch.randint(1000, (len(images),))
            labels = torch.where(torch.rand(len(images)) < 0.1, classes, labels)
            target = noise_schedule.get_velocity(images, noise, times)
            loss = torch.nn.functional.mse_loss(
                network(noise_schedule.add_noise(images, noise, times), times, labels).sample, target
            )
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            rate.step()
            optimiser.zero_grad()
            average.step(network.parameters())
            step += 1
            if step == options.steps:
                break
    average.copy_to(network.parameters())
    network.eval()
    for label, name in enumerate(real.classes):
        folder = options.out / name
        folder.mkdir(parents=True, exist_ok=True)
        count = real.targets.count(label)
        solver = DPMSolverMultistepScheduler(**schedule, lambda_min_clipped=-5.1)
        solver.set_timesteps(options.solver_steps)
        images = torch.randn(count, 3, options.size, options.size)
        with torch.no_grad():
            for time in solver.timesteps:
                prediction = network(images, time, torch.full((count,), label)).sample
                images = solver.step(prediction, time, images).prev_sample
        pixels = ((images + 1) * 127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
        for number, image in enumerate(pixels):
            Image.fromarray(image).save(folder / f"{number}.png")


if __name__ == "__main__":
    main()

"""``cd``: a class-conditional diffusion model, trained from scratch on the real training images."""

from suite.generators.cd.generator import ClassConditionalDiffusion

__all__ = ["ClassConditionalDiffusion"]

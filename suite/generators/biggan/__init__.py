"""``biggan``: a class-conditional GAN, trained from scratch on the real training images."""

from suite.generators.biggan.generator import BigGan

__all__ = ["BigGan"]

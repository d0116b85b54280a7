"""``sd``: a pretrained text-to-image pipeline, prompted with class names."""

from suite.generators.sd.generator import TextToImage

__all__ = ["TextToImage"]

"""A tiny Stable Diffusion pipeline, trained by the suite on captioned images of digits in typefaces."""

"""A tiny Stable Diffusion, trained here on captioned pictures of digits in typefaces."""

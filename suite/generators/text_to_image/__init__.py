"""The parts of ``sd``: which pipeline, the tiny pipeline's training, and sampling from any pipeline."""

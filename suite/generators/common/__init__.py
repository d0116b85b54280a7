"""Code shared by several generators."""

"""Pictures of synthetic images, as recipes."""

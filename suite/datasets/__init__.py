"""Real labelled images: one file a dataset, and the recipes that read and split them."""

"""What the generators that are trained here share: minibatches, losses, and making a set of images."""

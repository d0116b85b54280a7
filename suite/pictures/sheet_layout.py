"""How many images and classes the pictures show; free of imports, because planning and the page need it too."""

COLUMNS = 8  # images per row
GRID_CLASSES = 10  # classes in grid.png
MAX_CLASSES = 100  # classes in every other picture
AUDITED = 160  # images of an audit at each end, over all classes, so that its part of the page stays small


def audited_per_class(classes: int) -> int:
    """Return how many of the worst and of the best images of each class an audit shows."""
    return max(1, min(COLUMNS, AUDITED // min(classes, MAX_CLASSES)))

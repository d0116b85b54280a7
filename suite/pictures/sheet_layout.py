"""How many images and classes the pictures show; free of imports, because planning and the page need it too."""

COLUMNS = 8  # images per row
GRID_CLASSES = 10  # classes in grid.png
MAX_CLASSES = 100  # classes in every other picture

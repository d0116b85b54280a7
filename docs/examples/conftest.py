"""Lets the tests of the examples import them; a plugin that is installed needs nothing of the kind."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

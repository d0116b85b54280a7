"""Libraries that are not to write across the suite's own progress."""

import diffusers.utils.logging
import transformers.utils.logging


def disable_progress_bars() -> None:
    """Turn off the progress bars of diffusers and transformers."""
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()

"""Progress bars of the libraries, which would interfere with the suite's own progress display."""

import diffusers.utils.logging
import transformers.utils.logging


def disable_progress_bars() -> None:
    """Disable the progress bars of diffusers and transformers."""
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()

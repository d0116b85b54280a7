"""Optional part: the trainings of profile ``paper`` with and without ``torch.compile``; compiling takes minutes."""

from functools import partial

from gpu_parts import Checks, Options
from gpu_parts.speed import CHANGES, Speed


def checks(options: Options) -> Checks:
    """Yield both measurements of each training."""
    speed = Speed(options)
    yield "bfloat16 matrix product", speed.matrix
    for step in CHANGES:
        yield step, partial(speed.measure, step)
        yield f"{step}, compiled", partial(speed.measure, step, compiled=True)

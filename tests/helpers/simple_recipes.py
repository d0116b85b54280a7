"""Recipes that build in no time, importable by worker processes too."""

import os
import signal
import time
from pathlib import Path
from typing import ClassVar

from suite.artifacts import BuildContext, Recipe, Store
from suite.artifacts.files import read_json, replace_json
from suite.artifacts.resources import ResourceRequest
from suite.errors import BadData
from suite.images import ImageSet
from suite.images.image_set import IMAGES

NUMBER = "number.json"


def number(store: Store, recipe: Recipe) -> int:
    """Return what a number recipe made, verified."""
    return int(store.get(recipe).json(NUMBER)["number"])


class Number(Recipe):
    """A number: its own value and the sum of all it needs."""

    step: ClassVar[str] = "test-number"
    version: ClassVar[int] = 1

    value: int = 0
    needs: tuple[Recipe, ...] = ()

    def build(self, context: BuildContext) -> None:
        context.write_json(NUMBER, {"number": self.value + sum(number(context.store, need) for need in self.needs)})


class Logged(Number):
    """Leaves a file for every time it is built."""

    step: ClassVar[str] = "test-logged"

    log: str
    seconds: float = 0.0

    def build(self, context: BuildContext) -> None:
        (Path(self.log) / f"{self.key}.{os.getpid()}.{time.monotonic_ns()}").touch()
        time.sleep(self.seconds)
        super().build(context)


class Slow(Number):
    """Takes its time, and says how far it is."""

    step: ClassVar[str] = "test-slow"

    seconds: float

    def build(self, context: BuildContext) -> None:
        for done in range(100):
            time.sleep(self.seconds / 100)
            context.progress(done + 1, 100)
        super().build(context)


class Crowded(Logged):
    """Waits until so many processes build it at once; each goes on from any checkpoint, and keeps its own."""

    step: ClassVar[str] = "test-crowded"

    crowd: int

    def build(self, context: BuildContext) -> None:
        super().build(context)
        end = time.monotonic() + 30
        while len(list(Path(self.log).iterdir())) < self.crowd and time.monotonic() < end:
            time.sleep(0.01)
        path = context.scratch / "checkpoint.json"
        for step in range(int(read_json(path)) if path.exists() else 0, 50):
            replace_json(path, step)
        for step in range(50):
            context.write_json(f"step-{step}.json", step)


class Big(Number):
    """A payload of so many bytes, written as safetensors, JSON or plainly."""

    step: ClassVar[str] = "test-big"

    size: int
    how: str = "plainly"

    def build(self, context: BuildContext) -> None:
        import numpy as np

        (context.scratch / "checkpoint").touch()
        if self.how == "tensors":
            context.write_tensors("big.safetensors", {"x": np.zeros(self.size, np.uint8)})
        elif self.how == "json":
            context.write_json("big.json", "x" * self.size)
        else:
            (context.payload / "big").write_bytes(bytes(self.size))
        super().build(context)


class Forgetful(Number):
    """Does not write what others read."""

    step: ClassVar[str] = "test-forgetful"

    def build(self, context: BuildContext) -> None:
        context.write_json("another.json", self.value)


class Gpus(Number):
    """Notes which GPUs it may use."""

    step: ClassVar[str] = "test-gpus"

    def build(self, context: BuildContext) -> None:
        context.write_json(NUMBER, {"number": os.environ.get("CUDA_VISIBLE_DEVICES", "-1")})


class OnDevice(Number):
    """Computes on whatever device there is."""

    step: ClassVar[str] = "test-on-device"
    resources: ClassVar[ResourceRequest] = ResourceRequest(gpus=1)


class Impossible(Number):
    """Cannot be built, and says why."""

    step: ClassVar[str] = "test-impossible"

    def build(self, context: BuildContext) -> None:  # noqa: ARG002
        raise BadData("photo.png is no image: remove it")


class Broken(Number):
    """Raises what nobody expects."""

    step: ClassVar[str] = "test-broken"

    def build(self, context: BuildContext) -> None:  # noqa: ARG002
        raise ZeroDivisionError("first line\n  second line")


class Killed(Number):
    """Kills the process it is built in."""

    step: ClassVar[str] = "test-killed"

    def build(self, context: BuildContext) -> None:  # noqa: ARG002
        os.kill(os.getpid(), signal.SIGKILL)


class Lonely(Number):
    """Kills the process that waits for the next build."""

    step: ClassVar[str] = "test-lonely"

    def build(self, context: BuildContext) -> None:
        server = os.getppid()
        while not (others := _children(server) - {os.getpid()}):
            time.sleep(0.01)
        for other in others:
            os.kill(other, signal.SIGKILL)
        while others & _children(server):
            time.sleep(0.01)
        super().build(context)


def _children(process: int) -> set[int]:
    return set(map(int, Path(f"/proc/{process}/task/{process}/children").read_text("utf-8").split()))


class Painted(ImageSet):
    """Noisy images of one colour a class, so that a classifier has something to learn."""

    step: ClassVar[str] = "test-painted"
    version: ClassVar[int] = 1

    per_class: tuple[int, ...]
    size: int = 8
    seed: int = 0
    noise: int = 60

    @property
    def counts(self) -> tuple[int, ...]:
        return self.per_class

    def build(self, context: BuildContext) -> None:
        import numpy as np

        from suite.randomness import numpy_generator

        labels = np.repeat(np.arange(len(self.per_class)), self.per_class)
        colours = numpy_generator(0, "colours").integers(60, 196, (len(self.per_class), 1, 1, 3))
        noise = numpy_generator(self.seed, "noise").integers(
            -self.noise, self.noise + 1, (len(labels), self.size, self.size, 3)
        )
        context.write_tensors(IMAGES, {"images": (colours[labels] + noise).astype(np.uint8), "labels": labels})


class SlowlyPainted(Painted):
    """Takes its time."""

    step: ClassVar[str] = "test-slowly-painted"

    seconds: float

    def build(self, context: BuildContext) -> None:
        time.sleep(self.seconds)
        super().build(context)

"""Recipes that build quickly, in a module that worker processes can import."""

import os
import signal
import time
from pathlib import Path
from typing import ClassVar, Literal

from suite.artifacts import BuildContext, Recipe, Store
from suite.artifacts.files import read_json, replace_json
from suite.artifacts.resources import ResourceRequest
from suite.errors import BadData
from suite.images import ImageSet
from suite.images.image_set import IMAGES

NUMBER = "number.json"


def number(store: Store, recipe: Recipe) -> int:
    """Return the number in a recipe's artifact, after verification."""
    return int(store.get(recipe).json(NUMBER)["number"])


class Number(Recipe):
    """The sum of its value and the numbers of its dependencies."""

    step: ClassVar[str] = "test-number"
    version: ClassVar[int] = 1

    value: int = 0
    needs: tuple[Recipe, ...] = ()

    def build(self, context: BuildContext) -> None:
        context.write_json(NUMBER, {"number": self.value + sum(number(context.store, recipe) for recipe in self.needs)})


class Logged(Number):
    """Creates a file in the directory ``log`` for every build, and sleeps for ``seconds``."""

    step: ClassVar[str] = "test-logged"

    log: str
    seconds: float = 0.0

    def build(self, context: BuildContext) -> None:
        (Path(self.log) / f"{self.key}.{os.getpid()}.{time.monotonic_ns()}").touch()
        time.sleep(self.seconds)
        super().build(context)


class Slow(Number):
    """Takes ``seconds`` and reports progress."""

    step: ClassVar[str] = "test-slow"

    seconds: float

    def build(self, context: BuildContext) -> None:
        for done in range(100):
            time.sleep(self.seconds / 100)
            context.progress(done + 1, 100)
        super().build(context)


class Concurrent(Logged):
    """Waits until ``processes`` builds run at once; each resumes from any checkpoint and writes its own."""

    step: ClassVar[str] = "test-concurrent"

    processes: int

    def build(self, context: BuildContext) -> None:
        super().build(context)
        end = time.monotonic() + 30
        while len(list(Path(self.log).iterdir())) < self.processes and time.monotonic() < end:
            time.sleep(0.01)
        path = context.scratch / "checkpoint.json"
        for step in range(int(read_json(path)) if path.exists() else 0, 50):
            replace_json(path, step)
        for step in range(50):
            context.write_json(f"step-{step}.json", step)


class Big(Number):
    """A payload of ``size`` bytes, written as safetensors, JSON or plain bytes."""

    step: ClassVar[str] = "test-big"

    size: int
    file_format: Literal["tensors", "json", "bytes"] = "bytes"

    def build(self, context: BuildContext) -> None:
        import numpy as np

        (context.scratch / "checkpoint").touch()
        if self.file_format == "tensors":
            context.write_tensors("big.safetensors", {"x": np.zeros(self.size, np.uint8)})
        elif self.file_format == "json":
            context.write_json("big.json", "x" * self.size)
        else:
            (context.payload / "big").write_bytes(bytes(self.size))
        super().build(context)


class WithoutNumber(Number):
    """Does not write the file that its dependents read."""

    step: ClassVar[str] = "test-without-number"

    def build(self, context: BuildContext) -> None:
        context.write_json("another.json", self.value)


class Gpus(Number):
    """Records which GPUs are visible."""

    step: ClassVar[str] = "test-gpus"

    def build(self, context: BuildContext) -> None:
        context.write_json(NUMBER, {"number": os.environ.get("CUDA_VISIBLE_DEVICES", "-1")})


class OnDevice(Number):
    """Requests a GPU."""

    step: ClassVar[str] = "test-on-device"
    resources: ClassVar[ResourceRequest] = ResourceRequest(gpus=1)


class Impossible(Number):
    """Fails with an error of the suite."""

    step: ClassVar[str] = "test-impossible"

    def build(self, context: BuildContext) -> None:  # noqa: ARG002
        raise BadData("photo.png is not an image: remove it")


class Broken(Number):
    """Fails with an unexpected error."""

    step: ClassVar[str] = "test-broken"

    def build(self, context: BuildContext) -> None:  # noqa: ARG002
        raise ZeroDivisionError("first line\n  second line")


class Killed(Number):
    """Kills the process that builds it."""

    step: ClassVar[str] = "test-killed"

    def build(self, context: BuildContext) -> None:  # noqa: ARG002
        os.kill(os.getpid(), signal.SIGKILL)


class KillsIdleProcess(Number):
    """Kills the process that waits for the next build."""

    step: ClassVar[str] = "test-kills-idle-process"

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
    """Noisy images with one colour per class, which a classifier can learn."""

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
    """Takes ``seconds``."""

    step: ClassVar[str] = "test-slowly-painted"

    seconds: float

    def build(self, context: BuildContext) -> None:
        time.sleep(self.seconds)
        super().build(context)

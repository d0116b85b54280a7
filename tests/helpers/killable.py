"""A small plan whose builds can be killed: ``python killable.py STORE CACHE [HOST:PORT]``.

Without an address it prints ``ready`` and reads lines. For each line it forks a process that builds what is missing,
with a checkpoint at every step, kills it after that number of seconds (never for ``-``) and prints its exit status.
With the address of a Ray cluster, the plan is built there.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from simple_classifiers import resnet18
from simple_recipes import Painted

from suite.artifacts import DataPaths, Recipe, Store, checkpoint
from suite.classifiers.network import NetworkPredictions
from suite.classifiers.plugins.resnet18 import ResNet18Settings
from suite.compute import Compute
from suite.datasets.locate import locate
from suite.datasets.real import RealImages, RealSubset
from suite.engines.build import build_all
from suite.engines.ray_engine import RayEngine
from suite.images import ImageSet, Mixture


def plan(cache: Path) -> tuple[Recipe, ...]:
    """Return predictions of classifiers trained on a few digits, and on digits with painted images.

    Args:
        cache: Directory that caches content ids of datasets.
    """
    content = locate("digits", DataPaths(), cache).content
    split = RealImages(dataset="digits", content=content.id, split="train", size=8, per_class=content.train)
    real, held_out = (
        RealSubset(images=split, part=part, validation=(3,) * 10, per_class=(count,) * 10, seed=0)
        for part, count in (("fit", 20), ("validation", 3))
    )
    sets: tuple[ImageSet, ...] = (real, Mixture(parts=(real, Painted(per_class=(5,) * 10))))
    settings = ResNet18Settings(width=8, epochs=3, batch_size=25, augmentation=("crop",), crop_padding=1)
    return tuple(
        NetworkPredictions(
            classifier=resnet18(training_set=images, classes=10, settings=settings, seed=0, compute=Compute()),
            images=held_out,
            compute=Compute(),
        )
        for images in sets
    )


def build_and_kill(store: Store, targets: tuple[Recipe, ...], seconds: float | None) -> int:
    """Build in a forked process, kill it after ``seconds`` unless that is None, and return its exit status."""
    child = os.fork()
    if child == 0:
        checkpoint.SECONDS_BETWEEN = 0.0
        build_all(store, targets)
        os._exit(0)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    """Run the command line."""
    store = Store(Path(sys.argv[1]))
    store.prepare()
    targets = plan(Path(sys.argv[2]))
    if len(sys.argv) > 3:
        engine = RayEngine(store, DataPaths(), address=sys.argv[3])
        failed = engine.run(targets, lambda _: None, threading.Event())
        sys.exit(f"{failed}" if failed else None)
    import torchvision.models.resnet  # noqa: F401

    print("ready", flush=True)
    for line in sys.stdin:
        print(build_and_kill(store, targets, None if line.strip() == "-" else float(line)), flush=True)


if __name__ == "__main__":
    main()

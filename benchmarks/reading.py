"""Measure how long a dataset takes to read: its content id with all checks, the image artifacts, and the second time.

    python benchmarks/reading.py cifar10 --data-root DIR

One process; CPU time is that of all its threads.
"""

import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path

from tabulate import tabulate

from suite.artifacts import DataPaths, Store
from suite.datasets.content import CONTENTS, Content
from suite.datasets.locate import locate
from suite.datasets.real import RealImages
from suite.engines.build import build_all


def main() -> None:
    """Read the dataset with an empty store and print a table."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("dataset", help="name of the dataset, for example cifar10")
    parser.add_argument("--data-root", type=Path, required=True, metavar="DIR", help="directory of datasets")
    parser.add_argument("--size", type=int, default=32, help="height and width of the artifacts (default: 32)")
    options = parser.parse_args()
    data_paths = DataPaths(data_roots=(options.data_root.absolute(),))
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        store.prepare()

        def content() -> Content:
            return locate(options.dataset, data_paths, store.root / CONTENTS, size=options.size).content

        rows = [("content id and checks", *_seconds(content))]
        found = content()
        recipes = [
            RealImages(dataset=options.dataset, content=found.id, split=split, size=options.size, per_class=counts)
            for split, counts in (("train", found.train), ("test", found.test))
        ]
        rows += [
            ("artifacts of train and test", *_seconds(lambda: build_all(store, recipes, data_paths=data_paths))),
            ("content id, second time", *_seconds(content)),
        ]
    print(tabulate(rows, ("step", "wall, s", "CPU, s"), tablefmt="github", floatfmt=".1f"))


def _seconds(step: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    step()
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main()

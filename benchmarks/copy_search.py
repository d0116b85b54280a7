"""Measure which changed copies of test images the leak search finds, and which images it takes for copies wrongly.

    python benchmarks/copy_search.py --data-root DIR [--pixels] [--limit 1000] [--others 10000]

Test images of each dataset are changed and given as synthetic images; then other images: real images that are held back
(the training images), and every zip or directory named by ``--synthetic``. Datasets that are not under the data root
are left out. A column is the share of test images that are found by equal pixels, similar pixels and close features.
"""

import argparse
import io
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tabulate import tabulate

from suite.artifacts import DataPaths
from suite.compute import Compute
from suite.datasets.dataset import Source, Split
from suite.datasets.imagefolder import ImageFolder
from suite.datasets.locate import available, find_dataset
from suite.datasets.real import resized
from suite.metrics.extractors.extractor import extractors
from suite.metrics.feature_pass import extract_features
from suite.metrics.leaks import find_close, find_equal, find_similar
from suite.metrics.recipes import THUMBNAIL

SIZES = {"digits": 8, "cifar10": 32, "imagenette64": 64, "melanoma": 64}
EXTRACTOR, SIDE = "efficientnet-lite0", 64
HEADERS = ("dataset", "synthetic images", "images", "equal, %", "similar, %", "features, %", "any, %", "pixels, s")
Images = NDArray[np.uint8]


def main() -> None:
    """Run the searches and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-root", type=Path, action="append", default=[], help="directory of datasets")
    parser.add_argument("--synthetic", action="append", default=[], metavar="DATASET=PATH", help="other images")
    parser.add_argument("--pixels", action="store_true", help="do not compute features")
    parser.add_argument("--limit", type=int, default=1000, help="test images of each dataset (default 1000)")
    parser.add_argument("--others", type=int, default=10_000, help="images of each other set (default 10000)")
    options = parser.parse_args()
    Compute().apply()
    data_paths = DataPaths(data_roots=tuple(options.data_root))
    rows: list[tuple[object, ...]] = []
    for name in [name for name in SIZES if name in available(data_paths)]:
        source = find_dataset(name, data_paths).locate(data_paths)
        test = sample(source, "test", SIZES[name], options.limit)
        others = {"held-back real images": sample(source, "train", SIZES[name], options.others)}
        for dataset, path in (entry.split("=", 1) for entry in options.synthetic):
            if dataset == name:
                folder = ImageFolder(Path(path), whole=True)
                others[Path(path).stem] = sample(folder, "train", SIZES[name], options.others)
        rows += search(name, test, others, features=not options.pixels)
    print(tabulate(rows, HEADERS, tablefmt="github", floatfmt=".1f", intfmt=","))


def sample(source: Source, split: Split, size: int, limit: int) -> Images:
    """Return up to ``limit`` images, evenly spaced over a split, of ``size`` pixels."""
    total = sum(1 for _ in source.examples(split))
    spaced = islice(source.examples(split), 0, None, -(-total // limit))
    return np.stack([resized(example.image, size) for example in spaced])


def search(name: str, test: Images, others: dict[str, Images], *, features: bool) -> Iterator[tuple[object, ...]]:
    """Yield one row for each change of the test images, and one for each other set."""
    sets = {change: change_all(test) for change, change_all in CHANGES.items()} | others
    test_features = extract(test) if features else None
    for title, synthetic in sets.items():
        start = time.perf_counter()
        found = [find_equal(synthetic, test), find_similar(synthetic, test, min(test.shape[1], THUMBNAIL))]
        seconds = time.perf_counter() - start
        if test_features is not None:
            found.append(find_close(extract(synthetic), test_features))
        shares: list[object] = [100 * float((indices >= 0).mean()) for indices in found]
        shares += ["-"] * (3 - len(shares))
        yield name, title, len(synthetic), *shares, 100 * float((np.stack(found) >= 0).any(axis=0).mean()), seconds


def extract(images: Images) -> NDArray[np.float32]:
    """Return the features of images."""
    network = extractors.get(EXTRACTOR).load(SIDE, "cpu", DataPaths())
    return extract_features(images, network, batch_size=32, compute=Compute(), device="cpu", progress=lambda *_: None)[
        0
    ]


def each(change: Callable[[Image.Image], Image.Image]) -> Callable[[Images], Images]:
    """Return the function that changes every image."""
    return lambda images: np.stack([np.asarray(change(Image.fromarray(image))) for image in images])


def as_jpeg(image: Image.Image) -> Image.Image:
    """Compress at quality 75."""
    data = io.BytesIO()
    image.save(data, "JPEG", quality=75)
    return Image.open(data).convert("RGB")


def resized_and_back(scale: float) -> Callable[[Image.Image], Image.Image]:
    """Return the function that resizes an image to ``scale`` times its size and back."""
    return lambda image: image.resize(
        (round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC
    ).resize(image.size, Image.Resampling.BICUBIC)


def cropped(image: Image.Image) -> Image.Image:
    """Cut a sixteenth off each side and enlarge the rest."""
    w, h = image.size
    return image.resize(image.size, Image.Resampling.BICUBIC, box=(w / 16, h / 16, w - w / 16, h - h / 16))


def shifted(images: Images) -> Images:
    """Move images by one pixel down and right; the edge is repeated."""
    return np.pad(images, ((0, 0), (1, 0), (1, 0), (0, 0)), mode="edge")[:, :-1, :-1]


def clipped(values: NDArray[np.floating[Any]]) -> Images:
    """Round values to pixels."""
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


CHANGES: dict[str, Callable[[Images], Images]] = {
    "the test images": lambda images: images,
    "mirrored": lambda images: images[:, :, ::-1].copy(),
    "JPEG, quality 75": each(as_jpeg),
    "shifted by 1 pixel": shifted,
    "brightness x 1.1": lambda images: clipped(images * 1.1),
    "noise, deviation 5": lambda images: clipped(images + np.random.default_rng(0).normal(0, 5, images.shape)),
    "double size and back": each(resized_and_back(2)),
    "half size and back": each(resized_and_back(0.5)),
    "cropped by 1/16": each(cropped),
}


if __name__ == "__main__":
    main()

"""Measure which changed copies of real images the search finds, and which other images it takes for copies wrongly.

    python benchmarks/copy_search.py --data-root DIR [--limit 300] [--real 50000] [--features] [--few]

Training images of each dataset are changed and looked for in the whole train split, up to ``--real`` images. Then come
images that are no copies: the test split, the training images looked for in the test split, and every directory named
by ``--synthetic``. Datasets that are not under the data root are left out. A column is the share of the images that are
found: by equal pixels, by a perceptual hash, by features with ``--features``, and by the search of the suite. Hash and
features are not part of the suite. With ``--few``, test images are looked for in a few real images only.
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
from scipy.fft import dctn
from tabulate import tabulate

from suite.artifacts import DataPaths
from suite.compute import Compute
from suite.datasets.dataset import Source, Split
from suite.datasets.imagefolder import ImageFolder
from suite.datasets.locate import available, find_dataset
from suite.images.resizing import resized
from suite.metrics import leaks
from suite.metrics.extractors.extractor import extractors
from suite.metrics.feature_pass import extract_features
from suite.metrics.leaks import find_changed, find_equal

SIZES = {"digits": 8, "cifar10": 32, "imagenette64": 64, "melanoma": 64}
EXTRACTOR, SIDE = "efficientnet-lite0", 64
FEATURE_FRACTION = 0.3  # of the distance to the second nearest image
HASH_BITS = 4  # largest number of different bits of 64: the usual limit
FEW = (10, 20, 30, 50, 100, 200, 400)
HEADERS = ("dataset", "images", "number", "equal, %", "hash, %", "features, %", "changed, %", "wrong", "s")
Images = NDArray[np.uint8]


def main() -> None:
    """Run the searches and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-root", type=Path, action="append", default=[], help="directory of datasets")
    parser.add_argument("--dataset", action="append", default=[], choices=SIZES, help="only these datasets")
    parser.add_argument("--synthetic", action="append", default=[], metavar="DATASET=PATH", help="other images")
    parser.add_argument("--features", action="store_true", help="compare features too")
    parser.add_argument("--few", action="store_true", help="count false copies with few real images")
    parser.add_argument("--limit", type=int, default=300, help="changed images of each dataset (default 300)")
    parser.add_argument("--real", type=int, default=50_000, help="images of each split (default 50000)")
    options = parser.parse_args()
    Compute().apply()
    data_paths = DataPaths(data_roots=tuple(options.data_root))
    rows: list[tuple[object, ...]] = []
    for name in [name for name in options.dataset or SIZES if name in available(data_paths)]:
        source = find_dataset(name, data_paths).locate(data_paths)
        train, test = (sample(source, split, SIZES[name], options.real) for split in ("train", "test"))
        if options.few:
            rows += search_few(name, train, test)
            continue
        chosen = np.linspace(0, len(train) - 1, min(options.limit, len(train))).astype(np.int64)
        changed = {change: change_all(train[chosen]) for change, change_all in CHANGES.items()}
        others = {}
        for dataset, path in (entry.split("=", 1) for entry in options.synthetic):
            if dataset == name:
                folder = ImageFolder(Path(path), whole=True)
                others[Path(path).stem] = sample(folder, "train", SIZES[name], options.real)
        for split, real, held_back in (
            ("train", train, {"the test split": test}),
            ("test", test, {"the train split": train}),
        ):
            sets = {**(changed if split == "train" else {}), **held_back, **others}
            rows += search(f"{name} {split}", sets, real, chosen, features=options.features)
    print(tabulate(rows, HEADERS, tablefmt="github", floatfmt=".1f", intfmt=","))


def sample(source: Source, split: Split, size: int, limit: int) -> Images:
    """Return up to ``limit`` images, evenly spaced over a split, of ``size`` pixels."""
    total = sum(1 for _ in source.examples(split))
    spaced = islice(source.examples(split), 0, None, -(-total // limit))
    return np.stack([resized(example.image, size) for example in spaced])


def search(
    name: str, sets: dict[str, Images], real: Images, originals: NDArray[np.int64], *, features: bool
) -> Iterator[tuple[object, ...]]:
    """Yield one row of the table for each set of synthetic images, and one with the total time.

    Args:
        name: The dataset and its split.
        sets: Synthetic images by title; those of a title in ``CHANGES`` are copies.
        real: The images to search in.
        originals: The real image of each copy.
        features: Whether to compare features too.
    """
    start = time.perf_counter()
    changed = find_changed(np.concatenate(list(sets.values())), real).indices
    seconds = time.perf_counter() - start
    hashes, first = perceptual_hashes(real), 0
    for title, synthetic in sets.items():
        indices = changed[first : first + len(synthetic)]
        first += len(synthetic)
        closest = find_close(synthetic, real) if features else None
        found = [find_equal(synthetic, real) >= 0, find_hash(synthetic, hashes), closest, indices >= 0]
        shares = ["-" if part is None else f"{100 * part.mean():.1f}" for part in found]
        expected = originals if title in CHANGES else -1
        yield name, title, len(synthetic), *shares, int(((indices >= 0) & (indices != expected)).sum()), "-"
    yield name, f"all, in {len(real):,}", len(changed), "-", "-", "-", "-", "-", f"{seconds:.1f}"


def search_few(name: str, train: Images, test: Images) -> Iterator[tuple[object, ...]]:
    """Yield for small numbers of real images how many test images are taken for copies of them."""
    for number in FEW:
        generator = np.random.default_rng(number)
        wrong = count = 0
        with_limit, leaks.MIN_IMAGES = leaks.MIN_IMAGES, 2
        for _ in range(max(2, 1000 // number)):
            real = train[generator.permutation(len(train))[:number]]
            images = test[generator.permutation(len(test))[:300]]
            wrong += int((find_changed(images, real).indices >= 0).sum())
            count += len(images)
        leaks.MIN_IMAGES = with_limit
        yield name, f"the test split, in {number}", count, "-", "-", "-", 100 * wrong / count, wrong, "-"


def find_hash(synthetic: Images, real: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which images, mirrored or not, have a perceptual hash like that of a real image.

    The hash is the signs, relative to the median, of 8 x 8 low frequencies of the cosine transform at 32 x 32 pixels
    (``phash`` of the package imagehash).
    """
    hashes = np.stack([perceptual_hashes(images) for images in (synthetic, synthetic[:, :, ::-1])], axis=1)
    nearest = [int(np.bitwise_count(pair[:, None] ^ real).min()) for pair in hashes]
    return np.array(nearest) <= HASH_BITS


def perceptual_hashes(images: Images) -> NDArray[np.uint64]:
    """Return a hash of 64 bits of each image."""
    grey = np.stack([np.asarray(Image.fromarray(image).convert("L").resize((32, 32))) for image in images])
    low = dctn(grey.astype(np.float32), axes=(1, 2))[:, :8, :8].reshape(len(images), 64)
    bits = low > np.median(low, axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(np.uint64)[:, 0]


def find_close(synthetic: Images, real: Images) -> NDArray[np.bool_]:
    """Return which images are much closer to one real image than to any other, by features."""
    queries, gallery = extract(synthetic), extract(real)
    squares = np.square(gallery).sum(axis=1)
    close = []
    for query in queries:
        first, second = np.partition(squares - 2 * gallery @ query + query @ query, 1)[:2]
        close.append(max(first, 0) <= FEATURE_FRACTION**2 * second)
    return np.array(close)


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


def cropped(left: float, top: float, right: float, bottom: float) -> Callable[[Image.Image], Image.Image]:
    """Return the function that cuts sixteenths off each side and enlarges the rest."""

    def crop(image: Image.Image) -> Image.Image:
        w, h = image.size
        box = (w * left / 16, h * top / 16, w - w * right / 16, h - h * bottom / 16)
        return image.resize(image.size, Image.Resampling.BICUBIC, box=box)

    return crop


def shifted(down: int, right: int) -> Callable[[Images], Images]:
    """Return the function that moves images by 32nds of their size, at least one pixel; the edge is repeated."""

    def shift(images: Images) -> Images:
        steps = [max(step > 0, step * images.shape[1] // 32) for step in (down, right)]
        padded = np.pad(images, ((0, 0), (steps[0], 0), (steps[1], 0), (0, 0)), mode="edge")
        return padded[:, : images.shape[1], : images.shape[2]]

    return shift


def clipped(values: NDArray[np.floating[Any]]) -> Images:
    """Round values to pixels."""
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def noisy(images: Images) -> Images:
    """Add noise of standard deviation 5."""
    return clipped(images + np.random.default_rng(0).normal(0, 5, images.shape))


CHANGES: dict[str, Callable[[Images], Images]] = {
    "none": lambda images: images,
    "mirrored": lambda images: images[:, :, ::-1].copy(),
    "JPEG, quality 75": each(as_jpeg),
    "brightness x 1.1": lambda images: clipped(images * 1.1),
    "brightness x 1.5": lambda images: clipped(images * 1.5),
    "contrast x 0.7": lambda images: clipped(128 + 0.7 * (images - 128.0)),
    "noise, deviation 5": noisy,
    "half size and back": each(resized_and_back(0.5)),
    "double size and back": each(resized_and_back(2)),
    "shifted by 1/32": shifted(1, 1),
    "shifted by 3/32": shifted(3, 3),
    "shifted by 1/16 to the right": shifted(0, 2),
    "cropped by 1/16": each(cropped(1, 1, 1, 1)),
    "cropped by 1/8": each(cropped(2, 2, 2, 2)),
    "cropped at two sides by 1/8": each(cropped(0, 0, 2, 2)),
    "cropped unevenly": each(cropped(1.6, 0.3, 1, 2.2)),
    "cropped by 3/16": each(cropped(3, 3, 3, 3)),
    "mirrored, cropped by 1/16, noise": lambda images: noisy(each(cropped(1, 1, 1, 1))(images[:, :, ::-1])),
    "rotated by 5 degrees": each(lambda image: image.rotate(5, Image.Resampling.BICUBIC)),
    "grey": each(lambda image: image.convert("L").convert("RGB")),
}


if __name__ == "__main__":
    main()

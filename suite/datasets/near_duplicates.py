"""Nearly equal images: pairs with nearly equal difference hashes, confirmed by the correlation of their edges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from suite.datasets.dataset import Example, Split
from suite.datasets.index import IndexedImage
from suite.datasets.statistics import Moments

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_HASH_DISTANCE = 6
MIN_EDGE_CORRELATION = 0.96
BLOCK = 256


@dataclass(frozen=True)
class ImageSignature:
    """What is kept of an image to compare it with all others.

    Attributes:
        name: Its name in the source.
        moments: Its contribution to the statistics.
        hash: Difference hash (dHash) of 64 bits: the image is reduced to 8 x 9 grey cells, and each bit says whether a
            cell is darker than its right neighbour.
        edges: float32 (480,), normalised to length 1: the differences between neighbours of 16 x 16 grey cells. They
            do not depend on brightness and contrast, and hardly on colour.
    """

    name: str
    moments: Moments
    hash: int
    edges: "NDArray[np.float32]"


Signed = IndexedImage[ImageSignature]


def signature(example: Example, name: str) -> ImageSignature:
    """Return the signature of an image.

    Args:
        example: The image.
        name: Its name in findings.
    """
    import numpy as np
    from PIL import Image

    grey = Image.fromarray(example.image).convert("L")
    cells = np.asarray(grey.resize((9, 8), Image.Resampling.BOX))
    bits = np.packbits(cells[:, 1:] > cells[:, :-1]).tobytes()
    small = np.asarray(grey.resize((16, 16), Image.Resampling.BOX), dtype=np.float32)
    edges = np.concatenate([np.diff(small, axis=0).ravel(), np.diff(small, axis=1).ravel()])
    edges /= max(float(np.linalg.norm(edges)), 1e-6)
    return ImageSignature(name, Moments.of(example.image), int.from_bytes(bits), edges)


def find_near_duplicates(images: Mapping[Split, Sequence[Signed]]) -> tuple[list[tuple[str, str]], int]:
    """Return the names of each pair of nearly equal images, and the number of test images in pairs across the splits.

    Images with equal pixels are not among them.

    Args:
        images: The images of each split, train first.
    """
    import numpy as np

    every = [(split, image) for split, part in images.items() for image in part]
    hashes = np.array([image.value.hash for _, image in every], dtype=np.uint64)
    edges = np.stack([image.value.edges for _, image in every])
    pairs: list[tuple[int, int]] = []
    for start in range(0, len(every), BLOCK):
        distances = np.bitwise_count(hashes[start : start + BLOCK, np.newaxis] ^ hashes[np.newaxis, start:])
        first, second = np.nonzero(np.triu(distances <= MAX_HASH_DISTANCE, k=1))
        confirmed = np.einsum("ij,ij->i", edges[start:][first], edges[start:][second]) >= MIN_EDGE_CORRELATION
        pairs += zip((start + first[confirmed]).tolist(), (start + second[confirmed]).tolist(), strict=True)
    pairs = [(first, second) for first, second in pairs if every[first][1].pixels != every[second][1].pixels]
    test_images = {second for first, second in pairs if every[first][0] != every[second][0]}
    return [(every[first][1].value.name, every[second][1].value.name) for first, second in pairs], len(test_images)

"""Nearly equal images: pairs with nearly equal difference hashes, confirmed by the correlation of their edges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from suite.datasets.dataset import Split
from suite.datasets.index import IndexedImage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_HASH_DISTANCE = 6
MIN_EDGE_CORRELATION = 0.96
BLOCK = 256
SMALLEST = 9  # side in pixels: the hash has 9 x 8 cells
MOST_COMPARED = 20_000  # images of a dataset whose pairs are compared in every run: about two seconds


@dataclass(frozen=True)
class ImageSignature:
    """What is kept of an image to compare it with all others.

    Attributes:
        hash: Difference hash (dHash) of 64 bits: the image is reduced to 8 x 9 grey cells, and each bit says whether a
            cell is darker than its right neighbour.
        edges: float32 (480,), normalised to length 1: the differences between neighbours of 16 x 16 grey cells. They
            do not depend on brightness and contrast, and hardly on colour.
    """

    hash: int
    edges: "NDArray[np.float32]"


Images = Mapping[Split, Sequence[IndexedImage[str]]]
Signatures = Mapping[Split, Sequence[ImageSignature]]


def signature(image: "NDArray[np.uint8]") -> ImageSignature:
    """Return the signature of an image, uint8 (H, W, 3)."""
    import numpy as np
    from PIL import Image

    grey = Image.fromarray(image).convert("L")
    cells = np.asarray(grey.resize((9, 8), Image.Resampling.BOX))
    bits = np.packbits(cells[:, 1:] > cells[:, :-1]).tobytes()
    small = np.asarray(grey.resize((16, 16), Image.Resampling.BOX), dtype=np.float32)
    edges = np.concatenate([np.diff(small, axis=0).ravel(), np.diff(small, axis=1).ravel()])
    edges /= max(float(np.linalg.norm(edges)), 1e-6)
    return ImageSignature(int.from_bytes(bits), edges)


@dataclass(frozen=True)
class NearDuplicates:
    """Pairs of nearly equal images. Images with equal pixels are not among them.

    Attributes:
        pairs: Names of both images of each pair.
        test: Number of test images that are nearly equal to a training image.
        across: The pairs of a training and a test image.
    """

    pairs: tuple[tuple[str, str], ...]
    test: int
    across: tuple[tuple[str, str], ...]


def find_near_duplicates(images: Images, signatures: Signatures) -> NearDuplicates:
    """Find all pairs of nearly equal images.

    Args:
        images: The images of each split with their names as values, train first.
        signatures: The signature of each image.
    """
    import numpy as np

    every = [(split, image) for split, part in images.items() for image in part]
    signed = [one for split in images for one in signatures[split]]
    hashes = np.array([one.hash for one in signed], dtype=np.uint64)
    edges = np.stack([one.edges for one in signed])
    found: list[tuple[int, int]] = []
    for start in range(0, len(every), BLOCK):
        distances = np.bitwise_count(hashes[start : start + BLOCK, np.newaxis] ^ hashes[np.newaxis, start:])
        first, second = np.nonzero(np.triu(distances <= MAX_HASH_DISTANCE, k=1))
        confirmed = np.einsum("ij,ij->i", edges[start:][first], edges[start:][second]) >= MIN_EDGE_CORRELATION
        found += zip((start + first[confirmed]).tolist(), (start + second[confirmed]).tolist(), strict=True)
    found = [(first, second) for first, second in found if every[first][1].pixels != every[second][1].pixels]
    across = [(first, second) for first, second in found if every[first][0] != every[second][0]]

    def names(pairs: list[tuple[int, int]]) -> tuple[tuple[str, str], ...]:
        return tuple((every[first][1].value, every[second][1].value) for first, second in pairs)

    return NearDuplicates(names(found), len({second for _, second in across}), names(across))

"""Setting images aside: stratified by class, seeded, and never part of a group."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


def split_validation(
    labels: "NDArray[np.int64]",
    groups: "NDArray[np.int64]",
    quotas: "Sequence[int]",
    generator: "np.random.Generator",
) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
    """Shuffle the images once, then set aside whole groups as long as they fit the quota of each of their classes.

    At least ``n - quota`` images of each class are kept. Fewer than ``quota`` are set aside only where whole groups
    do not add up to it. Both sides keep the order of the shuffle, which does not depend on the quotas.

    Args:
        labels: int64 (N,), the class of each image.
        groups: int64 (N,), the group of each image, which may span classes; negative is a group of its own.
        quotas: Images to set aside per class.
        generator: Source of the shuffle.

    Returns:
        Indices of the images set aside, and of those kept; int64.
    """
    import numpy as np

    order = generator.permutation(len(labels))
    members: dict[int, list[int]] = {}
    for index, group in zip(order.tolist(), groups[order].tolist(), strict=True):
        members.setdefault(group if group >= 0 else -1 - index, []).append(index)
    capacity = np.array(quotas, dtype=np.int64)
    aside = np.zeros(len(labels), dtype=bool)
    for indices in members.values():
        if not capacity.any():
            break
        wanted = np.bincount(labels[indices], minlength=len(capacity))
        if (wanted <= capacity).all():
            capacity -= wanted
            aside[indices] = True
    return order[aside[order]], order[~aside[order]]

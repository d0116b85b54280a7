"""Split off a validation set: stratified by class, seeded, and without dividing groups."""

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
    """Shuffle the images once, then set aside whole groups that fit the remaining quota of each of their classes.

    At most ``quota`` images of each class are set aside; fewer only if whole groups do not add up to the quota. Both
    results keep the order of the shuffle, which does not depend on the quotas.

    Args:
        labels: int64 (N,), the class of each image.
        groups: int64 (N,), the group of each image; negative for images without a group. A group may span classes.
        quotas: Images to set aside per class.
        generator: Random generator of the shuffle.

    Returns:
        Indices of the images set aside, and of the remaining images; int64.
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
        needed = np.bincount(labels[indices], minlength=len(capacity))
        if (needed <= capacity).all():
            capacity -= needed
            aside[indices] = True
    return order[aside[order]], order[~aside[order]]

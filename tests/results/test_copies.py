"""When copies are reported, and in which words."""

import pytest

from suite.metrics.leak_search import CopiedImages, LeakedImages
from suite.results.copies import copied, copied_by_distance, other_leaked, too_many_leaked


def leaked(exact: int, near: int = 0, not_evaluated: int = 0) -> LeakedImages:
    return LeakedImages(exact=exact, near=near, test_images=1000, not_evaluated=not_evaluated)


@pytest.mark.parametrize(
    ("images", "too_many", "others"),
    [
        (leaked(0), (), ()),
        (leaked(3, 2), (), ("copies of 5 of 1,000 test images are among the synthetic ones",)),
        (leaked(4, 2), ("6 of 1,000 test images are among the synthetic ones",), ()),
        (
            leaked(6, not_evaluated=12),
            ("6 of 1,000 test images are among the synthetic ones",),
            ("copies of 12 test images that are not used here are among the synthetic ones",),
        ),
    ],
)
def test_copies_of_test_images_are_named_once(
    images: LeakedImages, too_many: tuple[str, ...], others: tuple[str, ...]
) -> None:
    assert (tuple(too_many_leaked(images)), tuple(other_leaked(images))) == (too_many, others)


@pytest.mark.parametrize(
    ("exact", "near", "text"),
    [
        (0, 0, None),
        (3, 0, None),
        (30, 6, "9% of the synthetic images are copies of training images (30 with equal pixels, 6 changed)"),
        (40, None, "10% of the synthetic images are copies of training images (40 with equal pixels)"),
    ],
)
def test_copies_of_training_images_are_named_from_one_percent(exact: int, near: int | None, text: str | None) -> None:
    texts = tuple(copied(CopiedImages(exact=exact, near=near, synthetic_images=400)))
    assert texts == ((text,) if text else ())


def test_one_copy_of_a_training_image_is_not_named() -> None:
    assert not tuple(copied(CopiedImages(exact=1, near=0, synthetic_images=10)))


def copies(split: str, *shares: float | None) -> list[dict[str, object]]:
    """Return the share of copies for each generator seed; in another feature space all are copies."""
    ids = (f"copies(efficientnet-lite0@64):{split}:n=9", f"copies(pixels@8:bilinear:none):{split}:within=0.5:n=9")
    return [
        {"id": name, "value": value, "generator_seed": seed}
        for seed, share in enumerate(shares)
        for name, value in zip(ids, (1.0, share), strict=True)
    ]


@pytest.mark.parametrize(
    ("measurements", "found"),
    [
        (copies("train", 0.5), "50% of the synthetic images"),
        (copies("train", 0.01, 0.4, 0.2), "40% of the synthetic images of generator seed 1"),
        (copies("train", 0.06, 0.0), "6% of the synthetic images of generator seed 0"),
        (copies("train", None, 0.06), "6% of the synthetic images"),
        ([{"id": "copies(pixels@8):train:n=9", "value": 0.5}], "50% of the synthetic images"),
        (copies("train", 0.016), ""),
        (copies("test", 0.5), ""),
        ([], ""),
    ],
    ids=["many", "seeds", "few of one seed", "not measured", "old report", "few", "of test images", "none measured"],
)
def test_the_largest_share_of_copies_is_named(measurements: list[dict[str, object]], found: str) -> None:
    texts = tuple(copied_by_distance(measurements))
    assert texts == ((f"{found} are copies of training images",) if found else ())

"""The real training and test images of a budget."""

from bisect import bisect_right
from collections import Counter
from itertools import accumulate

from suite.datasets.locate import LocatedDataset
from suite.datasets.real import RealImages, RealSubset
from suite.errors import BadData
from suite.planning.profiles.profile import DataBudget


def subsets(
    located: LocatedDataset,
    data: DataBudget,
    evaluate: str,
    *,
    leave_out_duplicates: bool = False,
    train_on_all: bool = False,
    hold_back_half: bool = False,
) -> tuple[RealSubset, RealSubset]:
    """Return the real training images and the real test images, which are disjoint.

    Args:
        located: The dataset.
        data: Number and size of the images.
        evaluate: ``test`` for the test split, ``validation`` for the images split off from train.
        leave_out_duplicates: Whether test images that are in the train split too are left out.
        train_on_all: Whether no validation images are split off for a run that tests on the test split.
        hold_back_half: Whether at most half of the training images of each class are used.

    Raises:
        BadData: If no test image would be left.
    """
    content = located.content
    train, test = (
        RealImages(
            dataset=located.card.name,
            content=content.id,
            split=split,
            size=data.image_size,
            per_class=counts,
        )
        for split, counts in (("train", content.train), ("test", content.test))
    )
    most = data.test_per_class or max(content.train)
    validation = tuple(min(most, count - 1, max(1, round(count * data.validation))) for count in content.train)
    if train_on_all and evaluate == "test":
        validation = (0,) * len(validation)
    left = [count - reserved for count, reserved in zip(content.train, validation, strict=True)]
    if hold_back_half:
        left = [max(1, count // 2) for count in left]
    most, classes = min(data.per_class or max(left), max(left)), max(1, len(left) - 1)
    per_class = tuple(
        min(max(1, round(most * data.imbalance ** (-label / classes))), count) for label, count in enumerate(left)
    )
    real = RealSubset(images=train, part="fit", validation=validation, per_class=per_class, seed=data.split_seed)
    if evaluate == "validation":
        return real, RealSubset(
            images=train, part="validation", validation=validation, per_class=validation, seed=data.split_seed
        )
    left_out = content.duplicates if leave_out_duplicates else ()
    ends = list(accumulate(content.test))  # images are in the order of their labels
    duplicates = Counter(bisect_right(ends, index) for index in left_out)
    remaining = [count - duplicates[label] for label, count in enumerate(content.test)]
    if not any(remaining):
        raise BadData(
            f"{located.where}: every test image is in the train split too, pixel for pixel: give other test images, "
            "or leave them in with --keep-test-duplicates"
        )
    return real, RealSubset(
        images=test,
        part="all",
        validation=(0,) * len(remaining),
        per_class=tuple(min(data.test_per_class or count, count) for count in remaining),
        seed=data.split_seed,
        left_out=left_out,
    )


def all_test_images(evaluation: RealSubset) -> RealSubset:
    """Return the test images of a budget together with those that were left out."""
    return evaluation.model_copy(update={"per_class": evaluation.images.per_class, "left_out": ()})

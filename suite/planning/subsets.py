"""The real training and test images of a budget."""

from suite.datasets.locate import LocatedDataset
from suite.datasets.real import RealImages, RealSubset
from suite.planning.profiles.profile import DataBudget


def subsets(located: LocatedDataset, data: DataBudget, evaluate: str) -> tuple[RealSubset, RealSubset]:
    """Return the real training images and the real test images, which are disjoint.

    Args:
        located: The dataset.
        data: Number and size of the images.
        evaluate: ``test`` for the test split, ``validation`` for the images split off from train.
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
    per_class = tuple(
        min(data.per_class or count, count - reserved)
        for count, reserved in zip(content.train, validation, strict=True)
    )
    real = RealSubset(images=train, part="fit", validation=validation, per_class=per_class, seed=data.split_seed)
    if evaluate == "validation":
        return real, RealSubset(
            images=train, part="validation", validation=validation, per_class=validation, seed=data.split_seed
        )
    test_per_class = tuple(min(data.test_per_class or count, count) for count in content.test)
    return real, RealSubset(
        images=test, part="all", validation=(0,) * len(test_per_class), per_class=test_per_class, seed=data.split_seed
    )

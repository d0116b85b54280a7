"""Which real images a budget fits on and tests on."""

from suite.datasets.locate import Located
from suite.datasets.real import RealImages, RealSubset
from suite.planning.profiles.profile import DataBudget


def subsets(located: Located, data: DataBudget, evaluate: str) -> tuple[RealSubset, RealSubset]:
    """Return the images to fit on and those to test on; the latter are in neither training set.

    Args:
        located: The dataset.
        data: How many images of it a budget takes, and how large.
        evaluate: ``test`` for the test split, or ``validation`` for images carved from train.
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
        min(data.per_class or count, count - carved) for count, carved in zip(content.train, validation, strict=True)
    )
    real = RealSubset(images=train, part="fit", validation=validation, per_class=per_class, seed=data.split_seed)
    if evaluate == "validation":
        return real, RealSubset(
            images=train, part="validation", validation=validation, per_class=validation, seed=data.split_seed
        )
    tested = tuple(min(data.test_per_class or count, count) for count in content.test)
    return real, RealSubset(
        images=test, part="all", validation=(0,) * len(tested), per_class=tested, seed=data.split_seed
    )

"""Planning the metrics and copy searches of synthetic images."""

from suite.artifacts import DataPaths
from suite.datasets.locate import LocatedDataset
from suite.datasets.real import RealSubset
from suite.errors import Unavailable
from suite.images import ImageSet
from suite.metrics.extractors.extractor import extractors
from suite.metrics.leak_search import LeakSearch
from suite.metrics.recipes import Fidelity, plan_copying, plan_fidelity
from suite.planning.profiles import Budget


def plan_metrics(
    synthetic: tuple[ImageSet, ...], real: RealSubset, located: LocatedDataset, budget: Budget, data_paths: DataPaths
) -> tuple[tuple[Fidelity, ...], tuple[str, ...]]:
    """Plan the metrics of every extractor whose weights are available, and the search for copied training images.

    Args:
        synthetic: Synthetic images, one set for each generator seed.
        real: Real training images, the reference.
        located: The dataset.
        budget: The budget, for the extractors, their input sizes and the seed.
        data_paths: Paths in which weights are searched for.

    Returns:
        The recipes, and why extractors were left out.
    """
    compute = budget.compute.in_float32
    recipes: list[Fidelity] = []
    notes: list[str] = []
    for name in budget.metrics.extractors if synthetic else ():
        try:
            extractors.get(name).check(data_paths)
        except Unavailable as error:
            notes.append(str(error))
            continue
        recipes += (
            plan_fidelity(
                images,
                real,
                name,
                compute,
                natural=located.card.natural,
                seed=budget.metrics.seed,
                side=budget.metrics.sides.get(name),
            )
            for images in synthetic
        )
    recipes += (plan_copying(images, real, compute, size=budget.data.image_size) for images in synthetic)
    return tuple(recipes), tuple(notes)


def plan_leak_searches(
    synthetic: tuple[ImageSet, ...], real: RealSubset, evaluation: RealSubset, budget: Budget
) -> tuple[LeakSearch, ...]:
    """Plan the search for copies of real images among synthetic images, in the whole train and test splits.

    Args:
        synthetic: Synthetic images, one set for each generator seed.
        real: Real training images.
        evaluation: Real images that classifiers are tested on.
        budget: The budget, for the number of threads.
    """
    return tuple(
        LeakSearch(
            synthetic=images,
            train=real.images,
            test=evaluation.images,
            evaluation=evaluation,
            compute=budget.compute.in_float32,
        )
        for images in synthetic
    )

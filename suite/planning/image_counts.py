"""Counting the images of ``--real`` and ``--synthetic`` by file names, to choose a profile before planning."""

from suite.artifacts import DataPaths
from suite.datasets.imagefolder import ImageFolder
from suite.datasets.locate import find_dataset
from suite.errors import SuiteError, UsageError
from suite.generators.folder import folders_of_classes
from suite.planning.profile_selection import ImageCounts


def count_images(dataset: str, data_paths: DataPaths) -> ImageCounts:
    """Count the real images and the images of every synthetic set.

    Args:
        dataset: Name of the dataset.
        data_paths: Paths of the dataset and of the synthetic sets.

    Raises:
        UsageError: If a set has no images in class folders, or if the classes of a synthetic set are not those of the
            dataset.
    """
    try:
        source = find_dataset(dataset, data_paths).locate(data_paths)
        if isinstance(source, ImageFolder):
            source.labels  # noqa: B018 - raises if the class folders of the real images are not valid
        classes, real = source.classes, len(source)
        folders = {name: ImageFolder(path, whole=True) for name, path in data_paths.folders.items()}
        for folder in folders.values():
            folders_of_classes(folder.where, folder.classes, dataset, classes)
        return ImageCounts(dataset, len(classes), real, tuple(len(folder) for folder in folders.values()))
    except SuiteError as error:
        raise UsageError(str(error)) from error

"""Counting the images of ``--real`` and ``--synthetic`` by file names, before anything is read or planned."""

from suite.artifacts import DataPaths
from suite.datasets.imagefolder import ImageFolder
from suite.datasets.locate import find_dataset
from suite.errors import SuiteError, UsageError
from suite.generators.folder import folders_of_classes
from suite.planning.profiles.selection import ImageCounts


def count_own_images(dataset: str, data_paths: DataPaths) -> ImageCounts:
    """Count the real images and the images of every synthetic set.

    Args:
        dataset: Name of the dataset.
        data_paths: Where it is, and the folders of synthetic images.

    Raises:
        UsageError: If one of them has no images in class folders, or the classes of a synthetic set differ from the
            dataset's.
    """
    try:
        source = find_dataset(dataset, data_paths).locate(data_paths)
        if isinstance(source, ImageFolder):
            source.labels  # noqa: B018 - raises first if the class folders of the real images are not usable
        classes, real = source.classes, len(source)
        folders = {name: ImageFolder(path, whole=True) for name, path in data_paths.folders.items()}
        for folder in folders.values():
            folders_of_classes(folder.where, folder.classes, dataset, classes)
        return ImageCounts(dataset, len(classes), real, tuple(len(folder) for folder in folders.values()))
    except SuiteError as error:
        raise UsageError(str(error)) from error

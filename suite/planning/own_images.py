"""Images that a command line names: looked at by their file names before anything is read, planned or built."""

from suite.artifacts import DataPaths
from suite.datasets.imagefolder import ImageFolder
from suite.datasets.locate import find_dataset
from suite.errors import SuiteError, UsageError
from suite.generators.folder import folders_of_classes
from suite.planning.profiles.selection import Amount


def count_own_images(dataset: str, data_paths: DataPaths) -> Amount:
    """Return how many images there are to judge.

    Args:
        dataset: Name of the dataset.
        data_paths: Where it lies, and the folders of synthetic images.

    Raises:
        UsageError: If one of them is no set of images in class folders, or the classes of a folder are others.
    """
    try:
        source = find_dataset(dataset, data_paths).locate(data_paths)
        if isinstance(source, ImageFolder):
            source.labels  # noqa: B018 - of the two it is the real images that say what the classes are
        classes, real = source.classes, len(source)
        folders = {name: ImageFolder(path, whole=True) for name, path in data_paths.folders.items()}
        for folder in folders.values():
            folders_of_classes(folder.where, folder.classes, dataset, classes)
        return Amount(dataset, len(classes), real, tuple(len(folder) for folder in folders.values()))
    except SuiteError as error:
        raise UsageError(str(error)) from error

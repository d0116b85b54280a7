"""Images that a command line names: looked at by their file names before anything is read, planned or built."""

from suite.artifacts import Places
from suite.datasets.imagefolder import ImageFolder
from suite.datasets.locate import find_dataset
from suite.errors import SuiteError, UsageError
from suite.generators.folder import folders_of_classes
from suite.profiles.choosing import Amount


def look_at(dataset: str, places: Places) -> Amount:
    """Return how many images there are to judge.

    Args:
        dataset: Name of the dataset.
        places: Where it lies, and the folders of synthetic images.

    Raises:
        UsageError: If one of them is no set of images in class folders, or the classes of a folder are others.
    """
    try:
        source = find_dataset(dataset, places).locate(places)
        if isinstance(source, ImageFolder):
            source.labels  # noqa: B018 - of the two it is the real images that say what the classes are
        classes, real = source.classes, len(source)
        folders = {name: ImageFolder(path, whole=True) for name, path in places.folders.items()}
        for folder in folders.values():
            folders_of_classes(folder.where, folder.classes, dataset, classes)
        return Amount(dataset, len(classes), real, tuple(len(folder) for folder in folders.values()))
    except SuiteError as error:
        raise UsageError(str(error)) from error

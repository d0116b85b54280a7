"""``folder``: existing images, one subfolder per class. Evaluates the output of any generator."""

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from suite.artifacts import BuildContext, DataPaths
from suite.artifacts.resources import DECODING, ResourceRequest
from suite.datasets.checks import Check, run_rules
from suite.datasets.content import CONTENTS, load_cached
from suite.datasets.dataset import datasets
from suite.datasets.decoding_summary import DecodingSummary
from suite.datasets.image_checks import IMAGE_RULES, ReadImages
from suite.datasets.imagefolder import ImageFolder
from suite.datasets.index import index_images, split_id
from suite.datasets.kept_pixels import KeptPixels
from suite.datasets.naming import describe_mismatch, escaped, match_classes, quoted
from suite.errors import BadData, Unavailable
from suite.generators.generator import Generator, GeneratorSettings, Request, TrainedOn, generators
from suite.images import ImageSet
from suite.images.image_set import IMAGES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class FolderContent(BaseModel):
    """Content of a folder of synthetic images.

    Attributes:
        id: Content id: 16 hexadecimal digits of a hash of folder names and pixels in canonical order.
        where: Location for messages; not part of any key.
        folders: Names of the class folders, sorted.
        counts: Number of images in each class folder.
        files: Path of each image below the folder, in canonical order; not part of any key.
        checks: The outcome of every check on the images.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    where: str
    folders: tuple[str, ...]
    counts: tuple[int, ...]
    files: tuple[str, ...] = Field(repr=False)
    checks: tuple[Check, ...] = Field(default=(), repr=False)


class FolderSettings(GeneratorSettings):
    """Settings of the folder generator; a profile sets none of them.

    Attributes:
        content: Content of the folder, filled in by ``Folder.configure``.
    """

    content: FolderContent


class FolderImages(ImageSet):
    """A seeded stratified sample of existing images, decoded and resized in the same way as real images.

    Attributes:
        name: Name of the folder in ``DataPaths.folders``.
        content: Content id of the folder.
        folders: Class folder of each label.
        size: Height and width in pixels.
        per_class: Number of images to draw per class.
        seed: Seed of the sample.
    """

    step: ClassVar[str] = "folder-images"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.generators.folder",
        "suite.datasets.index",
        "suite.datasets.decode",
        "suite.datasets.kept_pixels",
        "suite.datasets.split_images",
        "suite.images.resizing",
        "suite.randomness",
    )
    resources: ClassVar[ResourceRequest] = DECODING
    creates_pixels: ClassVar[bool] = False

    name: str
    content: str
    folders: tuple[str, ...]
    size: int
    per_class: tuple[int, ...]
    seed: int

    @property
    def counts(self) -> tuple[int, ...]:
        """Images per class."""
        return self.per_class

    @property
    def label(self) -> str:
        """Short text for progress and messages: the folder's name."""
        return f"{self.name} images"

    def drawn(self, label: int, available: int) -> "NDArray[np.int64]":
        """Return the indices of the images of a class that are drawn, int64, ascending.

        Args:
            label: The class.
            available: Number of its images in the folder.
        """
        import numpy as np

        from suite.randomness import numpy_generator

        return np.sort(numpy_generator(self.seed, "folder", label).permutation(available)[: self.per_class[label]])

    def build(self, context: BuildContext) -> None:
        """Draw the sample from the images as they were kept when the folder was read, else decode them.

        Raises:
            Unavailable: If the images are not on this machine.
            BadData: If the folder changed after planning, as by ``read_split``, or has too few images.
        """
        import numpy as np

        from suite.datasets.split_images import read_split

        registered = generators.get(self.name) if self.name in generators else None
        generator = registered if isinstance(registered, Folder) else Folder(self.name)
        source = generator.source(context.data_paths)
        found = read_split(
            source,
            "train",
            self.content,
            size=self.size,
            cache=context.data_paths.cache / CONTENTS,
            model=FolderContent,
            on_progress=context.progress,
        )
        images, labels = [], []
        for label, (folder, per_class) in enumerate(zip(self.folders, self.per_class, strict=True)):
            pool = np.flatnonzero(found.labels == source.classes.index(folder))
            _check_enough(source.where, folder, len(pool), per_class)
            images += [found.images[index] for index in pool[self.drawn(label, len(pool))]]
            labels += [label] * per_class
        context.write_tensors(IMAGES, {"images": np.stack(images), "labels": np.array(labels, dtype=np.int64)})


@generators.register
class Folder(Generator):
    """Generator whose images already exist in a folder.

    Args:
        name: Name in options, case ids and reports; also the key in ``DataPaths.folders``.
    """

    title = "Images from a folder"
    trained_on: TrainedOn = "unknown"
    has_seeds = False
    has_existing_images = True
    settings = FolderSettings

    def __init__(self, name: str = "folder") -> None:
        self.name = name

    def source(self, data_paths: DataPaths) -> ImageFolder:
        """Return the images without reading them; raises Unavailable if ``data_paths`` has no folder of this name."""
        if self.name not in data_paths.folders:
            raise Unavailable(
                f"generator {self.name} has no images: give --synthetic {self.name}=PATH, a directory or zip of "
                "<class>/<file>"
            )
        return ImageFolder(data_paths.folders[self.name], whole=True)

    def configure(self, values: dict[str, Any], data_paths: DataPaths) -> GeneratorSettings:
        """Locate the folder and read its content. The content is cached while the files do not change.

        Args:
            values: Settings of the profile; there are none.
            data_paths: Where the folder is.

        Raises:
            Unavailable: If the images are not on this machine.
            BadData: If the images cannot be used.
        """
        source, cache = self.source(data_paths), data_paths.cache / CONTENTS
        fingerprint = source.fingerprint()
        content = load_cached(
            cache, fingerprint, FolderContent, lambda: _read_content(source, KeptPixels(cache, fingerprint))
        )
        return super().configure({**values, "content": content}, data_paths)

    def describe(self, settings: GeneratorSettings, size: int) -> str:  # noqa: ARG002
        """Return the number of images in the folder.

        A run that uses only a share of the real images draws the same share of these.

        Args:
            settings: Settings with the folder's content.
            size: Not used.
        """
        assert isinstance(settings, FolderSettings)
        return f"{self.title} that holds {sum(settings.content.counts):,}"

    def checks(self, settings: GeneratorSettings) -> tuple[Check, ...]:
        """Return the outcome of the checks on the images, which were made when the folder was read."""
        assert isinstance(settings, FolderSettings)
        return settings.content.checks

    def source_names(self, images: ImageSet, settings: GeneratorSettings) -> tuple[str, ...]:
        """Return the path of each image below the folder, in the order of the sample."""
        assert isinstance(images, FolderImages)
        assert isinstance(settings, FolderSettings)
        content, names = settings.content, []
        for label, folder in enumerate(images.folders):
            place = content.folders.index(folder)
            start = sum(content.counts[:place])
            names += [content.files[start + index] for index in images.drawn(label, content.counts[place])]
        return tuple(names)

    def available(self, request: Request, settings: GeneratorSettings) -> tuple[int, ...]:
        """Return how many images of each requested class the folder holds.

        Raises:
            BadData: If the class folders do not match the classes of the dataset.
        """
        assert isinstance(settings, FolderSettings)
        counts = dict(zip(settings.content.folders, settings.content.counts, strict=True))
        return tuple(counts[folder] for folder in _requested_folders(request, settings.content))

    def synthetic(self, request: Request, settings: GeneratorSettings) -> ImageSet:
        """Return the recipe of the sample. If all images are drawn, its seed is 0 whatever the request's seed.

        Raises:
            BadData: If the class folders do not match the classes of the dataset or hold too few images.
        """
        assert isinstance(settings, FolderSettings)
        content = settings.content
        available = self.available(request, settings)
        for name, count, requested in zip(request.classes, available, request.counts, strict=True):
            _check_enough(content.where, name, count, requested)
        return FolderImages(
            name=self.name,
            content=content.id,
            folders=_requested_folders(request, content),
            size=request.size,
            per_class=request.counts,
            seed=0 if available == request.counts else request.seed,
        )


def folders_of_classes(where: str, folders: tuple[str, ...], dataset: str, classes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the class folder of each label.

    Args:
        where: Location of the folders, for the message.
        folders: Names of the class folders.
        dataset: Name of the dataset.
        classes: Class names of the dataset in label order.

    Raises:
        BadData: If there is not exactly one folder per class. The message shows folders and classes side by side.
    """
    aliases = datasets.get(dataset).aliases if dataset in datasets else {}
    matched = match_classes(folders, classes, aliases)
    if matched is None:
        raise BadData(
            f"{where} has class folders {quoted(folders)}, {escaped(dataset)} has the classes {quoted(classes)} "
            f"{describe_mismatch(folders, classes, aliases, whose=escaped(dataset))}"
        )
    return tuple(sorted(matched, key=lambda folder: matched[folder]))


def _requested_folders(request: Request, content: FolderContent) -> tuple[str, ...]:
    return folders_of_classes(content.where, content.folders, request.dataset, request.classes)


def _read_content(source: ImageFolder, kept: KeptPixels) -> FolderContent:
    summary = DecodingSummary(source)
    indexed = index_images(
        source,
        lambda example: (summary.name(example), kept.keep(example.image)),
        ("train",),
        summarise=summary.add,
    )["train"]
    rows = [image.with_value(image.value[0]) for image in indexed]
    content = FolderContent(
        id=split_id(source.classes, "train", rows),
        where=source.where,
        folders=source.classes,
        counts=tuple(summary.labels[label] for label in range(len(source.classes))),
        files=tuple(row.value for row in rows),
        checks=run_rules(IMAGE_RULES, ReadImages(source, {"train": rows}, summary)),
    )
    kept.save(content.id, [image.with_value(image.value[1]) for image in indexed])
    return content


def _check_enough(where: str, name: str, available: int, requested: int) -> None:
    if available < requested:
        raise BadData(
            f"{where} has {available} images of class '{escaped(name)}', but {requested} are needed: "
            "add images or request fewer"
        )

"""``folder``: images that somebody already made, one sub-folder a class. The way to judge any generator."""

from collections import Counter
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from suite.artifacts import BuildContext, DataPaths
from suite.artifacts.resources import DECODING, ResourceRequest
from suite.datasets.content import Tally, read_rows, remembered, split_id
from suite.datasets.dataset import datasets
from suite.datasets.imagefolder import ImageFolder
from suite.datasets.naming import listed, match_classes, mismatch, shown
from suite.errors import BadData, Unavailable
from suite.generators.generator import Generator, GeneratorSettings, Request, TrainedOn, generators
from suite.images import ImageSet
from suite.images.image_set import IMAGES


class FolderContent(BaseModel):
    """What a folder of synthetic images holds.

    Attributes:
        id: 16 hexadecimal digits over folder names and pixels in canonical order.
        where: The place, for messages; not part of any key.
        folders: Names of the class folders, sorted.
        counts: Images in each.
        remarks: What was left out or converted, a short sentence each.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    where: str
    folders: tuple[str, ...]
    counts: tuple[int, ...]
    remarks: tuple[str, ...] = ()


class FolderSettings(GeneratorSettings):
    """What was found under the folder's name; a profile sets nothing.

    Attributes:
        content: What the folder holds.
    """

    content: FolderContent


class FolderImages(ImageSet):
    """A seeded, stratified draw from images that exist, decoded and resized by the rule of real images.

    Attributes:
        name: The name under which the workbench's places know the folder.
        content: Content id of the folder.
        folders: The class folder of each label.
        size: Height and width in pixels.
        per_class: Images to draw from each.
        seed: Seed of the draw.
    """

    step: ClassVar[str] = "folder-images"
    version: ClassVar[int] = 1
    code: ClassVar[tuple[str, ...]] = (
        "suite.generators.folder",
        "suite.datasets.content",
        "suite.datasets.decode",
        "suite.datasets.real",
        "suite.randomness",
    )
    resources: ClassVar[ResourceRequest] = DECODING
    made: ClassVar[bool] = False

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
        """The folder's name."""
        return f"{self.name} images"

    def build(self, context: BuildContext) -> None:
        """Decode the folder and draw.

        Raises:
            Unavailable: If the places know no folder of this name.
            BadData: If it no longer holds what it held when the work was planned, or too few images.
        """
        import numpy as np

        from suite.datasets.real import resized
        from suite.randomness import numpy_generator

        if self.name not in context.data_paths.folders:
            raise Unavailable(_not_given(self.name))
        source = ImageFolder(context.data_paths.folders[self.name], whole=True)
        rows = read_rows(source, lambda example: resized(example.image, self.size), ("train",), context.progress)[
            "train"
        ]
        if split_id(source.classes, "train", rows) != self.content:
            raise BadData(f"{source.where} changed since the work was planned: start the run again")
        images, labels = [], []
        for label, (folder, per_class) in enumerate(zip(self.folders, self.per_class, strict=True)):
            pool = [row for row in rows if source.classes[row.label] == folder]
            _check_enough(source.where, folder, len(pool), per_class)
            order = numpy_generator(self.seed, "folder", label).permutation(len(pool))
            images += [pool[index].kept for index in np.sort(order[:per_class])]
            labels += [label] * per_class
        context.write_tensors(IMAGES, {"images": np.stack(images), "labels": np.array(labels, dtype=np.int64)})


@generators.register
class Folder(Generator):
    """Images that already exist.

    Args:
        name: The word in options, ids and reports, and the key into ``DataPaths.folders``.
    """

    title = "Images from a folder"
    trained_on: TrainedOn = "unknown"
    has_seeds = False
    settings = FolderSettings

    def __init__(self, name: str = "folder") -> None:
        self.name = name

    def configure(self, given: dict[str, Any], data_paths: DataPaths) -> GeneratorSettings:
        """Find the folder and read what it holds, from memory if its files have not changed.

        Raises:
            Unavailable: If ``data_paths`` know no folder of this name.
            BadData: If its images cannot be used.
        """
        if self.name not in data_paths.folders:
            raise Unavailable(_not_given(self.name))
        source = ImageFolder(data_paths.folders[self.name], whole=True)
        content = remembered(
            data_paths.cache / "contents", source.fingerprint(), FolderContent, lambda: _read_content(source)
        )
        return super().configure({**given, "content": content}, data_paths)

    def about(self, settings: GeneratorSettings, size: int) -> str:  # noqa: ARG002
        """Return how many images there are, of which no larger share is drawn than of the real ones."""
        assert isinstance(settings, FolderSettings)
        return f"{self.title} that holds {sum(settings.content.counts):,}"

    def remarks(self, settings: GeneratorSettings) -> tuple[str, ...]:
        """Return what was left out or converted when the folder was read."""
        assert isinstance(settings, FolderSettings)
        return settings.content.remarks

    def available(self, request: Request, settings: GeneratorSettings) -> tuple[int, ...]:
        """Return how many images of each of the request's classes the folder holds.

        Raises:
            BadData: If its class folders are not the dataset's classes.
        """
        assert isinstance(settings, FolderSettings)
        counts = dict(zip(settings.content.folders, settings.content.counts, strict=True))
        return tuple(counts[folder] for folder in _folders_of(request, settings.content))

    def synthetic(self, request: Request, settings: GeneratorSettings) -> ImageSet:
        """Return the recipe of the drawn images; drawing all of them needs no seed.

        Raises:
            BadData: If the class folders are not the dataset's classes, or hold fewer images than asked for.
        """
        assert isinstance(settings, FolderSettings)
        content = settings.content
        there = self.available(request, settings)
        for name, count, asked in zip(request.classes, there, request.counts, strict=True):
            _check_enough(content.where, name, count, asked)
        return FolderImages(
            name=self.name,
            content=content.id,
            folders=_folders_of(request, content),
            size=request.size,
            per_class=request.counts,
            seed=0 if there == request.counts else request.seed,
        )


def folders_of_classes(where: str, folders: tuple[str, ...], dataset: str, classes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the class folder of each label.

    Args:
        where: The place of the folders, for the message.
        folders: Names of the class folders.
        dataset: Name of the dataset.
        classes: Its class names in the order of the labels.

    Raises:
        BadData: If they are not exactly one folder a class; shows both side by side.
    """
    aliases = datasets.get(dataset).aliases if dataset in datasets else {}
    matched = match_classes(folders, classes, aliases)
    if matched is None:
        raise BadData(
            f"{where} has class folders {listed(folders)}, {shown(dataset)} has the classes {listed(classes)} "
            f"{mismatch(folders, classes, aliases, whose=shown(dataset))}"
        )
    return tuple(sorted(matched, key=lambda folder: matched[folder]))


def _folders_of(request: Request, content: FolderContent) -> tuple[str, ...]:
    return folders_of_classes(content.where, content.folders, request.dataset, request.classes)


def _read_content(source: ImageFolder) -> FolderContent:
    tally = Tally()
    rows = read_rows(source, tally.add, ("train",))["train"]
    counts = Counter(row.label for row in rows)
    return FolderContent(
        id=split_id(source.classes, "train", rows),
        where=source.where,
        folders=source.classes,
        counts=tuple(counts[label] for label in range(len(source.classes))),
        remarks=(*source.remarks, *tally.remarks()),
    )


def _check_enough(where: str, name: str, there: int, asked: int) -> None:
    if there < asked:
        raise BadData(
            f"{where} has {there} images of class '{shown(name)}', {asked} are asked for: add images, or ask for fewer"
        )


def _not_given(name: str) -> str:
    return f"generator {name} needs images that exist: --synthetic {name}=PATH, a directory or zip of <class>/<file>"

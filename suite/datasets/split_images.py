"""The images of a planned split: those that were kept when its content was read, else decoded again."""

from pathlib import Path

from pydantic import BaseModel

from suite.artifacts.build_context import ProgressCallback
from suite.datasets.content import forget_cached
from suite.datasets.dataset import Source, Split
from suite.datasets.index import index_images, labels_and_groups, split_id
from suite.datasets.kept_pixels import SplitImages, kept_images
from suite.errors import BadData


def read_split(
    source: Source,
    split: Split,
    expected: str,
    *,
    size: int,
    cache: Path,
    model: type[BaseModel],
    on_progress: ProgressCallback,
) -> SplitImages:
    """Return the images of a split at one size, in canonical order.

    Args:
        source: The files.
        split: Which split.
        expected: Id of the split at planning.
        size: Height and width in pixels.
        cache: Directory of cached contents.
        model: Class of the cached content.
        on_progress: Called with the number of images read so far and their total, if they have to be read.

    Raises:
        BadData: If the files changed since they were planned with. The cached content is then deleted, because changed
            files may have the same sizes and times, and planning again must read them.
    """
    from suite.images.resizing import resized

    kept = kept_images(cache, source.fingerprint(), expected, size)
    if kept is not None:
        return kept
    images = index_images(source, lambda example: resized(example.image, size), (split,), on_progress)[split]
    if split_id(source.classes, split, images) != expected:
        forget_cached(cache, source.fingerprint(), model)
        raise BadData(f"{source.where} changed since the work was planned: start the run again")
    return SplitImages([image.value for image in images], **labels_and_groups(images))

"""Pretrained pipelines on the Hugging Face hub or in a local directory: location and content id, without loading."""

import hashlib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from suite.artifacts import DataPaths, Download
from suite.artifacts.files import checksum, read_json, replace_json
from suite.datasets.archive import Directory
from suite.datasets.content import CONTENTS, load_cached
from suite.datasets.naming import escaped
from suite.errors import BadData, Unavailable
from suite.flops import FLOAT32
from suite.generators.sd.pipeline_sizes import KNOWN_PIPELINES, PipelineSize

INDEX = "model_index.json"
# Not needed to generate images: not downloaded, not loaded, not part of a content id.
EXCLUDED_COMPONENTS = ("safety_checker", "feature_extractor")
LOADED_SUFFIXES = (".json", ".txt", ".model", ".safetensors")
PICKLE_SUFFIXES = (".bin", ".ckpt", ".pt", ".pth", ".pkl")


class HubPipeline(BaseModel):
    """A pipeline on the Hugging Face hub.

    Attributes:
        id: Owner and name.
        revision: Commit, 40 hexadecimal digits.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    revision: str

    @property
    def size(self) -> PipelineSize | None:
        """Measured size of its networks, or None if the pipeline is not a known one."""
        return KNOWN_PIPELINES.get(self.id)

    def downloads(self, data_paths: DataPaths) -> tuple[Download, ...]:
        """Return the download of the pipeline, or nothing if it is in the hub's cache."""
        try:
            self.check(data_paths.model_copy(update={"download": False}))
        except Unavailable:
            size = FLOAT32 * self.size.parameters if self.size else None
            return (Download(what=f"{self.id} at {self.revision[:8]}", size=size),)
        return ()

    def check(self, data_paths: DataPaths) -> None:
        """Check that the pipeline is in the hub's cache or may be downloaded.

        Raises:
            Unavailable: If it is not in the cache and downloads are not allowed. The message says how to get it.
        """
        from huggingface_hub import try_to_load_from_cache

        if not data_paths.download and not isinstance(
            try_to_load_from_cache(self.id, INDEX, revision=self.revision), str
        ):
            raise Unavailable(
                f"{self.id} at {self.revision[:8]} is not on this machine: allow --download, "
                f"or fetch it with: hf download {self.id} --revision {self.revision}"
            )


class LocalPipeline(BaseModel):
    """A pipeline in a local directory, identified by its content and not by its path.

    Attributes:
        content: Content id, 32 hexadecimal digits over the files that are loaded.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    content: str

    @classmethod
    def locate(cls, directory: Path, data_paths: DataPaths) -> "LocalPipeline":
        """Return the pipeline in ``directory`` and record the path in the cache, where ``directory()`` reads it.

        The files are hashed only if they changed since the last call.

        Raises:
            Unavailable: If the directory does not exist.
            BadData: If the directory does not contain a pipeline, or the pipeline cannot be loaded safely.
        """
        if not directory.is_dir():
            raise Unavailable(f"{escaped(directory)} is not a directory: check the path of the model")
        fingerprint = f"pipeline {Directory(directory).fingerprint()}"
        pipeline = load_cached(
            data_paths.cache / CONTENTS, fingerprint, cls, lambda: cls(content=_content_id(directory))
        )
        record = _path_record(pipeline, data_paths)
        record.parent.mkdir(parents=True, exist_ok=True)
        replace_json(record, {"folder": str(directory.resolve())})
        return pipeline

    def directory(self, data_paths: DataPaths) -> Path:
        """Return the directory that the pipeline was last located in.

        Raises:
            Unavailable: If the pipeline was planned with another cache, so that its path is not known.
            BadData: If the content of the directory changed after planning.
        """
        try:
            directory = Path(read_json(_path_record(self, data_paths))["folder"])
        except (OSError, ValueError) as error:
            raise Unavailable(f"the pipeline with content id {self.content} was not planned with this cache") from error
        if not directory.is_dir() or LocalPipeline.locate(directory, data_paths) != self:
            raise BadData(f"{escaped(directory)} changed since the work was planned: start the run again")
        return directory


def read_index(directory: Path) -> dict[str, Any]:
    """Read the index of a pipeline, ``model_index.json``.

    Args:
        directory: Directory of the pipeline.

    Returns:
        Class names by component.

    Raises:
        BadData: If the directory does not contain a pipeline, the pipeline needs custom code, or a component has
            pickled weights but no safetensors.
    """
    try:
        index = read_json(directory / INDEX)
    except (OSError, ValueError) as error:
        raise BadData(
            f"{escaped(directory)} is not a pipeline saved by diffusers: it has no readable {INDEX}"
        ) from error
    if not isinstance(index, dict) or not isinstance(index.get("_class_name"), str):
        raise BadData(
            f"{escaped(directory)} needs custom code, which is never run: use a pipeline class that diffusers includes"
        )
    for component in _components(index):
        names = sorted(path.name for path in (directory / component).glob("*"))
        pickled = [name for name in names if name.endswith(PICKLE_SUFFIXES)]
        if pickled and not any(name.endswith(".safetensors") for name in names):
            raise BadData(
                f"{escaped(directory)} has {component}/{escaped(pickled[0])} but no safetensors, and pickles may run "
                "code: "
                "save it again with save_pretrained(..., safe_serialization=True)"
            )
    return index


def _content_id(directory: Path) -> str:
    """Hash the names and checksums of all files that are loaded."""
    total = hashlib.sha256()
    paths = [directory / INDEX]
    for component in _components(read_index(directory)):
        paths += sorted(path for path in (directory / component).rglob("*") if path.suffix in LOADED_SUFFIXES)
    for path in paths:
        total.update(f"{path.relative_to(directory).as_posix()}\0{checksum(path)}\n".encode())
    return total.hexdigest()[:32]


def _components(index: dict[str, Any]) -> list[str]:
    """Return the subdirectories that a pipeline is loaded from, sorted."""
    return sorted(
        name
        for name, value in index.items()
        if name not in EXCLUDED_COMPONENTS and isinstance(value, list) and len(value) == 2 and value[0] is not None
    )


def _path_record(pipeline: LocalPipeline, data_paths: DataPaths) -> Path:
    """Return the file that records the directory of a pipeline."""
    return data_paths.cache / "pipelines" / f"{pipeline.content}.json"

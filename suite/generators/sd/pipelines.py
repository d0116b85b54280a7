"""Pretrained pipelines: by commit on the Hugging Face hub, or in a directory; found and identified, not loaded."""

import hashlib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from suite.artifacts import DataPaths, Download
from suite.artifacts.files import checksum, read_json, replace_json
from suite.datasets.archive import Directory
from suite.datasets.content import remembered
from suite.datasets.naming import shown
from suite.errors import BadData, Unavailable
from suite.flops import FLOAT32
from suite.generators.sd.flops import KNOWN, Known

INDEX = "model_index.json"
# Never needed to make an image; not downloaded, not loaded, in no content id.
LEFT_OUT = ("safety_checker", "feature_extractor")
READ = (".json", ".txt", ".model", ".safetensors")
PICKLES = (".bin", ".ckpt", ".pt", ".pth", ".pkl")


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
    def known(self) -> Known | None:
        """What is known of its networks."""
        return KNOWN.get(self.id)

    def downloads(self, data_paths: DataPaths) -> tuple[Download, ...]:
        """Return the pipeline, unless it is in the hub's cache."""
        try:
            self.check(data_paths.model_copy(update={"download": False}))
        except Unavailable:
            size = FLOAT32 * self.known.parameters if self.known else None
            return (Download(what=f"{self.id} at {self.revision[:8]}", size=size),)
        return ()

    def check(self, data_paths: DataPaths) -> None:
        """Raise Unavailable, with the way to get it, if it is not in the hub's cache and may not be downloaded."""
        from huggingface_hub import try_to_load_from_cache

        if not data_paths.download and not isinstance(
            try_to_load_from_cache(self.id, INDEX, revision=self.revision), str
        ):
            raise Unavailable(
                f"{self.id} at {self.revision[:8]} is not on this machine: allow --download, "
                f"or fetch it with: hf download {self.id} --revision {self.revision}"
            )


class LocalPipeline(BaseModel):
    """A pipeline in a directory, wherever that lies.

    Attributes:
        content: 32 hexadecimal digits over the files that it is loaded from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    content: str

    @classmethod
    def found(cls, folder: Path, data_paths: DataPaths) -> "LocalPipeline":
        """Return the pipeline in ``folder``, hashed only if its files changed; its place is noted for ``folder``.

        Raises:
            Unavailable: If there is no such directory.
            BadData: If the directory holds no pipeline, or one that cannot be loaded safely.
        """
        if not folder.is_dir():
            raise Unavailable(f"{shown(folder)} is no directory: check the path of the model")
        fingerprint = f"pipeline {Directory(folder).fingerprint()}"
        pipeline = remembered(data_paths.cache / "contents", fingerprint, cls, lambda: cls(content=_content_id(folder)))
        note = _note(pipeline, data_paths)
        note.parent.mkdir(parents=True, exist_ok=True)
        replace_json(note, {"folder": str(folder.resolve())})
        return pipeline

    def folder(self, data_paths: DataPaths) -> Path:
        """Return the directory; raises BadData if it no longer holds what it held when the work was planned."""
        try:
            folder = Path(read_json(_note(self, data_paths))["folder"])
        except (OSError, ValueError) as error:
            raise Unavailable(f"the pipeline of content {self.content} was not planned with this cache") from error
        if not folder.is_dir() or LocalPipeline.found(folder, data_paths) != self:
            raise BadData(f"{shown(folder)} changed since the work was planned: start the run again")
        return folder


def read_index(folder: Path) -> dict[str, Any]:
    """Return a pipeline's index.

    Raises:
        BadData: If the directory is no pipeline, brings code of its own, or has pickled weights where safetensors
            should be.
    """
    try:
        index = read_json(folder / INDEX)
    except (OSError, ValueError) as error:
        raise BadData(f"{shown(folder)} is no pipeline that diffusers saved: it has no readable {INDEX}") from error
    if not isinstance(index, dict) or not isinstance(index.get("_class_name"), str):
        raise BadData(f"{shown(folder)} needs code of its own, which is never run: use a pipeline that diffusers has")
    for component in _components(index):
        names = sorted(path.name for path in (folder / component).glob("*"))
        pickled = [name for name in names if name.endswith(PICKLES)]
        if pickled and not any(name.endswith(".safetensors") for name in names):
            raise BadData(
                f"{shown(folder)} has {component}/{shown(pickled[0])} but no safetensors, and pickles may run code: "
                "save it again with save_pretrained(..., safe_serialization=True)"
            )
    return index


def _content_id(folder: Path) -> str:
    total = hashlib.sha256()
    paths = [folder / INDEX]
    for component in _components(read_index(folder)):
        paths += sorted(path for path in (folder / component).rglob("*") if path.suffix in READ)
    for path in paths:
        total.update(f"{path.relative_to(folder).as_posix()}\0{checksum(path)}\n".encode())
    return total.hexdigest()[:32]


def _components(index: dict[str, Any]) -> list[str]:
    """Return the sub-folders that a pipeline is loaded from, sorted."""
    return sorted(
        name
        for name, value in index.items()
        if name not in LEFT_OUT and isinstance(value, list) and len(value) == 2 and value[0] is not None
    )


def _note(pipeline: LocalPipeline, data_paths: DataPaths) -> Path:
    return data_paths.cache / "pipelines" / f"{pipeline.content}.json"

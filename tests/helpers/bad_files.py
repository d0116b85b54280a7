"""Bad inputs by reader: how each is made, and part of the error message."""

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plugin_project import write_dataset
from simple_recipes import NUMBER, Number

from suite.artifacts import Store
from suite.artifacts.files import checksum, sealed, write_json
from suite.artifacts.manifest import MANIFEST
from suite.engines.build import build_all
from suite.planning.profiles import Profile
from suite.planning.table1_rows import read_rows
from suite.planning.variants import Variant
from suite.registry import Registry
from suite.results.bundle import read_results

KEY = Number(value=7).key


class InputFolder:
    """A folder with a valid dataset and a store with one artifact, to make bad inputs in.

    Args:
        folder: An empty directory.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder / "store")
        self.store.prepare()
        build_all(self.store, [Number(value=7)])
        self.artifact = self.store.path(KEY)
        self.root = write_dataset(folder / "data", train=3, test=2)
        self.photos = self.root / "photos"

    def write(self, name: str, content: bytes | str) -> Path:
        """Write a file, creating its folders, and return its path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def zipped(self, members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
        """Write a zip under the data root, and return its path."""
        path = self.root / "bad.zip"
        with zipfile.ZipFile(path, "w", compression) as made:
            for name, content in members.items():
                made.writestr(name, content)
        return path

    def rewrite(self, *, drop: str = "", **changes: Any) -> None:
        """Change the artifact's manifest and update its checksum.

        Args:
            drop: Field to remove.
            **changes: Fields to replace or add.
        """
        values = {**json.loads((self.artifact / MANIFEST).read_bytes()), **changes}
        del values["sha256"]
        values.pop(drop, None)
        write_json(self.artifact / MANIFEST, sealed(values))


@dataclass(frozen=True)
class BadInput:
    """One bad input.

    Attributes:
        name: What is wrong with it.
        make: Makes it.
        message: Part of the error message.
    """

    name: str
    make: Callable[[InputFolder], Any]
    message: str


MANIFESTS = (  # changes to the artifact; read by ``suite store verify``
    BadInput("empty", lambda b: (b.artifact / MANIFEST).write_bytes(b""), "is not a manifest"),
    BadInput("a list", lambda b: (b.artifact / MANIFEST).write_text("[]"), "is not a manifest (not a JSON object)"),
    BadInput("not UTF-8", lambda b: (b.artifact / MANIFEST).write_bytes(b"\xff{}"), "is not a manifest"),
    BadInput(
        "truncated", lambda b: (b.artifact / MANIFEST).write_text('{"format": 1, "files": {'), "is not a manifest"
    ),
    BadInput("nested deeply", lambda b: (b.artifact / MANIFEST).write_text("[" * 99_999), "nested too deeply"),
    BadInput(
        "an infinite number", lambda b: (b.artifact / MANIFEST).write_text('{"format": 1e999}'), "is not a manifest"
    ),
    BadInput("no files", lambda b: b.rewrite(drop="files"), "files: Field required"),
    BadInput("one field too many", lambda b: b.rewrite(pickle="cos\nsystem"), "pickle: Extra inputs are not permitted"),
    BadInput(
        "a format that is not a number", lambda b: b.rewrite(format="one"), "format: Input should be a valid integer"
    ),
    BadInput("format 0", lambda b: b.rewrite(format=0), "format 0 is unknown"),
    BadInput("files that are a list", lambda b: b.rewrite(files=["a"]), "files: Input should be a valid dictionary"),
    BadInput(
        "a file outside the artifact",
        lambda b: b.rewrite(files={"../../x": _file_entry(b)}),
        "is not a name of a payload file",
    ),
    BadInput(
        "an absolute path",
        lambda b: b.rewrite(files={"/etc/passwd": _file_entry(b)}),
        "is not a name of a payload file",
    ),
    BadInput(
        "a name with a line break",
        lambda b: b.rewrite(files={"a\nb": _file_entry(b)}),
        "is not a name of a payload file",
    ),
    BadInput("an invalid checksum", lambda b: b.rewrite(files={NUMBER: {"sha256": "x", "bytes": 1}}), "sha256"),
    BadInput("a negative size", lambda b: b.rewrite(files={NUMBER: {**_file_entry(b), "bytes": -1}}), "bytes"),
    BadInput("another recipe", lambda b: b.rewrite(fields={"value": 8}), "its key is not that of its recipe"),
    BadInput("a missing payload", lambda b: (b.artifact / NUMBER).unlink(), "cannot be read (No such file"),
    BadInput("another payload", lambda b: (b.artifact / NUMBER).write_text("{}"), "does not have the checksum"),
    BadInput(
        "a folder for a payload",
        lambda b: [(b.artifact / NUMBER).unlink(), (b.artifact / NUMBER).mkdir()],
        "cannot be read",
    ),
)


def _file_entry(inputs: InputFolder) -> dict[str, Any]:
    path = inputs.artifact / NUMBER
    return {"sha256": checksum(path), "bytes": path.stat().st_size}


def _results(**changes: Any) -> str:
    defaults = {
        "suite_version": "1", "profile": "smoke", "title": "t", "evaluate": "test", "cells": [], "discriminators": []
    }  # fmt: skip
    return json.dumps({**defaults, **changes})


def _cell(**changes: Any) -> dict[str, Any]:
    defaults = {"dataset": "a", "generator": None, "mode": "org", "variant": None, "status": "done", "command": "c"}
    return {**defaults, **changes}


RESULTS = (  # content of results.json; read by ``--compare``
    BadInput("empty", lambda _: "", "holds no results"),
    BadInput("a list", lambda _: "[]", "holds no results"),
    BadInput("nested deeply", lambda _: "[" * 99_999, "holds no results"),
    BadInput("not UTF-8", lambda _: b"\xff\xfe", "holds no results"),
    BadInput(
        "a newer schema", lambda _: _results(schema_version=9), "has schema version 9, this suite reads 2 to 4: update"
    ),
    BadInput("a schema version that is not a number", lambda _: _results(schema_version="x"), "has schema version x"),
    BadInput("a field too many", lambda _: _results(more=1), "holds no results: more: Extra inputs"),
    BadInput("a profile that is a path", lambda _: _results(profile="../../x"), "cannot name a folder"),
    BadInput("a cell with an unknown mode", lambda _: _results(cells=[_cell(mode="all")]), "holds no results"),
    BadInput("org with a generator", lambda _: _results(cells=[_cell(generator="cd")]), "holds no results"),
    BadInput("a mean that is a text", lambda _: _results(cells=[_cell(mean="high")]), "holds no results: cells.0.mean"),
    BadInput(
        "an incomplete measurement", lambda _: _results(cells=[_cell(measurements=[{"id": 1}])]), "holds no results"
    ),
    BadInput(
        "an unknown verdict", lambda _: _results(cells=[_cell(judgement={"verdict": "great"})]), "holds no results"
    ),
    BadInput("a cell that is a list", lambda _: _results(cells=[[]]), "holds no results: cells.0"),
)

ROWS = (  # content of cases/bad.toml
    BadInput("not TOML", lambda _: "generators = [", "bad.toml: "),
    BadInput("not UTF-8", lambda _: b"\xff", "bad.toml: "),
    BadInput("no generators", lambda _: "", "bad.toml: generators: Field required"),
    BadInput("a field too many", lambda _: "generators = []\nmore = 1", "bad.toml: more: Extra inputs"),
    BadInput("a cell without a case", lambda _: "generators = []\n[paper]\nsd-mix = 3.0", "no such cell: sd-mix"),
    BadInput("more than 100 percent", lambda _: "generators = []\n[paper]\norg = 101.0", "bad.toml: paper.org"),
    BadInput(
        "an invalid range", lambda _: "generators = []\n[expected.smoke]\norg = [1]", "bad.toml: expected.smoke.org"
    ),
)

SETTINGS = (  # content of a profile
    BadInput("an unknown setting", lambda _: {"classifier": {"speed": 1}}, "classifier.speed"),
    BadInput("no epochs", lambda _: {"classifier": {"epochs": 0}}, "classifier.epochs"),
    BadInput("a negative learning rate", lambda _: {"classifier": {"learning_rate": -1}}, "classifier.learning_rate"),
    BadInput("an unknown precision", lambda _: {"compute": {"precision": "int4"}}, "compute.precision"),
    BadInput("no seeds", lambda _: {"seeds": 0}, "seeds"),
    BadInput("all images held out", lambda _: {"data": {"validation": 1.0}}, "data.validation"),
    BadInput("an image of two pixels", lambda _: {"data": {"image_size": 2}}, "data.image_size"),
    BadInput("a table that is a number", lambda _: {"metrics": 3}, "metrics"),
)

VARIANTS = ("", "ratio-", "ratio-x", "ratio-nan", "depth-3", "filter", "filter-3\n", "replace-1e999", "ratio-0.5-2")


class Registered:
    """A registered plugin."""

    name = "plain"


def _registry() -> Registry[Any]:
    registry: Registry[Any] = Registry("generator", "suite.filters")
    registry._loaded = True
    registry.register(Registered)
    return registry


def _named(name: str) -> type:
    return type("Other", (), {"name": name})


PLUGINS = (
    BadInput(
        "a name that is taken", lambda _: _registry().register(_named("plain")), "two generators are called 'plain'"
    ),
    BadInput(
        "a name given twice", lambda _: _registry().add(Registered()), "there is a generator called 'plain' already"
    ),
    BadInput("an unknown name", lambda _: _registry().get("nothing"), "unknown generator 'nothing': choose from plain"),
)


def readers() -> Iterator[tuple[str, BadInput, Callable[[InputFolder], object]]]:
    """Yield the group, the bad input, and a function that reads it."""
    for bad in RESULTS:
        yield "results", bad, lambda b, bad=bad: read_results(b.write("results.json", bad.make(b)))
    for bad in ROWS:
        yield "rows", bad, lambda b, bad=bad: read_rows(b.write("cases/bad.toml", bad.make(b)).parent)
    for bad in SETTINGS:
        yield "settings", bad, lambda b, bad=bad: Profile("own", {"title": "t", **bad.make(b)}).base
    for bad in PLUGINS:
        yield "plugins", bad, bad.make
    for name in VARIANTS:
        yield (
            "variants",
            BadInput(repr(name), lambda _: None, "unknown variant"),
            lambda _, name=name: Variant.parse(name),
        )

"""Bad input, by what it is given to: how it is made, what takes it, and what is said of it."""

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


class Bench:
    """Where bad input is made: a dataset, a store with one artifact, and room.

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
        """Write a file, its folders too, and return its path."""
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
        """Change the artifact's manifest, its checksum too."""
        values = {**json.loads((self.artifact / MANIFEST).read_bytes()), **changes}
        del values["sha256"]
        values.pop(drop, None)
        write_json(self.artifact / MANIFEST, sealed(values))


@dataclass(frozen=True)
class Bad:
    """One bad input.

    Attributes:
        what: What it is.
        make: Makes it.
        words: Part of the one line that is said of it.
    """

    what: str
    make: Callable[[Bench], Any]
    words: str


MANIFESTS = (  # what is done to the artifact; read by ``suite store verify``
    Bad("empty", lambda b: (b.artifact / MANIFEST).write_bytes(b""), "is not a manifest"),
    Bad("a list", lambda b: (b.artifact / MANIFEST).write_text("[]"), "is not a manifest (no object)"),
    Bad("no UTF-8", lambda b: (b.artifact / MANIFEST).write_bytes(b"\xff{}"), "is not a manifest"),
    Bad("half", lambda b: (b.artifact / MANIFEST).write_text('{"format": 1, "files": {'), "is not a manifest"),
    Bad("nested deeply", lambda b: (b.artifact / MANIFEST).write_text("[" * 99_999), "nested too deeply"),
    Bad("an infinite number", lambda b: (b.artifact / MANIFEST).write_text('{"format": 1e999}'), "is not a manifest"),
    Bad("no files", lambda b: b.rewrite(drop="files"), "files: Field required"),
    Bad("one field too many", lambda b: b.rewrite(pickle="cos\nsystem"), "pickle: Extra inputs are not permitted"),
    Bad("a format that is none", lambda b: b.rewrite(format="one"), "format: Input should be a valid integer"),
    Bad("format 0", lambda b: b.rewrite(format=0), "there is no format 0"),
    Bad("files that are a list", lambda b: b.rewrite(files=["a"]), "files: Input should be a valid dictionary"),
    Bad("a file that leaves", lambda b: b.rewrite(files={"../../x": _promise(b)}), "is no name of a payload file"),
    Bad("a file of the root", lambda b: b.rewrite(files={"/etc/passwd": _promise(b)}), "is no name of a payload file"),
    Bad("a name with a line break", lambda b: b.rewrite(files={"a\nb": _promise(b)}), "is no name of a payload file"),
    Bad("a checksum that is none", lambda b: b.rewrite(files={NUMBER: {"sha256": "x", "bytes": 1}}), "sha256"),
    Bad("a size below nothing", lambda b: b.rewrite(files={NUMBER: {**_promise(b), "bytes": -1}}), "bytes"),
    Bad("another recipe", lambda b: b.rewrite(fields={"value": 8}), "its key is not that of its recipe"),
    Bad("a payload that is gone", lambda b: (b.artifact / NUMBER).unlink(), "cannot be read (No such file"),
    Bad("a payload of another", lambda b: (b.artifact / NUMBER).write_text("{}"), "does not have the checksum"),
    Bad(
        "a folder for a payload",
        lambda b: [(b.artifact / NUMBER).unlink(), (b.artifact / NUMBER).mkdir()],
        "cannot be read",
    ),
)


def _promise(context: Bench) -> dict[str, Any]:
    path = context.artifact / NUMBER
    return {"sha256": checksum(path), "bytes": path.stat().st_size}


def _results(**changes: Any) -> str:
    whole = {
        "suite_version": "1", "profile": "smoke", "title": "t", "evaluate": "test", "cells": [], "discriminators": []
    }  # fmt: skip
    return json.dumps({**whole, **changes})


def _cell(**changes: Any) -> dict[str, Any]:
    whole = {"dataset": "a", "generator": None, "mode": "org", "variant": None, "status": "done", "command": "c"}
    return {**whole, **changes}


RESULTS = (  # what is written to results.json; read by ``--compare``
    Bad("empty", lambda _: "", "holds no results"),
    Bad("a list", lambda _: "[]", "holds no results"),
    Bad("nested deeply", lambda _: "[" * 99_999, "holds no results"),
    Bad("no UTF-8", lambda _: b"\xff\xfe", "holds no results"),
    Bad("a newer schema", lambda _: _results(schema_version=9), "has schema version 9, this suite reads 2: update"),
    Bad("a schema of no number", lambda _: _results(schema_version="x"), "has schema version x"),
    Bad("a field too many", lambda _: _results(more=1), "holds no results: more: Extra inputs"),
    Bad("a profile that leaves", lambda _: _results(profile="../../x"), "cannot name a folder"),
    Bad("a cell of no mode", lambda _: _results(cells=[_cell(mode="all")]), "holds no results"),
    Bad("org with a generator", lambda _: _results(cells=[_cell(generator="cd")]), "holds no results"),
    Bad("a mean in words", lambda _: _results(cells=[_cell(mean="high")]), "holds no results: cells.0.mean"),
    Bad("a measurement of nothing", lambda _: _results(cells=[_cell(measurements=[{"id": 1}])]), "holds no results"),
    Bad("a verdict of its own", lambda _: _results(cells=[_cell(judgement={"verdict": "great"})]), "holds no results"),
    Bad("a cell that is a list", lambda _: _results(cells=[[]]), "holds no results: cells.0"),
)

ROWS = (  # what is written to cases/bad.toml
    Bad("no TOML", lambda _: "generators = [", "bad.toml: "),
    Bad("no UTF-8", lambda _: b"\xff", "bad.toml: "),
    Bad("no generators", lambda _: "", "bad.toml: generators: Field required"),
    Bad("a field too many", lambda _: "generators = []\nmore = 1", "bad.toml: more: Extra inputs"),
    Bad("a cell of no case", lambda _: "generators = []\n[paper]\nsd-mix = 3.0", "no such cell: sd-mix"),
    Bad("more than all", lambda _: "generators = []\n[paper]\norg = 101.0", "bad.toml: paper.org"),
    Bad(
        "a range upside down", lambda _: "generators = []\n[expected.smoke]\norg = [1]", "bad.toml: expected.smoke.org"
    ),
)

SETTINGS = (  # what a profile says; read by whoever it is meant for
    Bad("a setting that is none", lambda _: {"classifier": {"speed": 1}}, "classifier.speed"),
    Bad("no epochs", lambda _: {"classifier": {"epochs": 0}}, "classifier.epochs"),
    Bad("a learning rate below nothing", lambda _: {"classifier": {"learning_rate": -1}}, "classifier.learning_rate"),
    Bad("a precision that is none", lambda _: {"compute": {"precision": "int4"}}, "compute.precision"),
    Bad("no seeds", lambda _: {"seeds": 0}, "seeds"),
    Bad("all images held out", lambda _: {"data": {"validation": 1.0}}, "data.validation"),
    Bad("an image of two pixels", lambda _: {"data": {"image_size": 2}}, "data.image_size"),
    Bad("a table that is a number", lambda _: {"metrics": 3}, "metrics"),
)

VARIANTS = ("", "ratio-", "ratio-x", "ratio-nan", "depth-3", "filter", "filter-3\n", "replace-1e999", "ratio-0.5-2")


class Registered:
    """What plugins are registered as."""

    name = "plain"


def _registry() -> Registry[Any]:
    registry: Registry[Any] = Registry("generator", "suite.filters")
    registry._complete = True
    registry.register(Registered)
    return registry


def _named(name: str) -> type:
    return type("Other", (), {"name": name})


PLUGINS = (
    Bad("a name that is taken", lambda _: _registry().register(_named("plain")), "two generators are called 'plain'"),
    Bad("a name given twice", lambda _: _registry().add(Registered()), "there is a generator called 'plain' already"),
    Bad(
        "a name that nobody has", lambda _: _registry().get("nothing"), "unknown generator 'nothing': choose from plain"
    ),
)


def readers() -> Iterator[tuple[str, Bad, Callable[[Bench], object]]]:
    """Yield every bad input that is given to a function, with its group."""
    for bad in RESULTS:
        yield "results", bad, lambda b, bad=bad: read_results(b.write("results.json", bad.make(b)))
    for bad in ROWS:
        yield "rows", bad, lambda b, bad=bad: read_rows(b.write("cases/bad.toml", bad.make(b)).parent)
    for bad in SETTINGS:
        yield "settings", bad, lambda b, bad=bad: Profile("own", {"title": "t", **bad.make(b)}).base
    for bad in PLUGINS:
        yield "plugins", bad, bad.make
    for name in VARIANTS:
        yield "variants", Bad(repr(name), lambda _: None, "unknown variant"), lambda _, name=name: Variant.parse(name)

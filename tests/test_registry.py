"""Registries: a decorator inside the project, an entry point from outside it."""

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

from suite.errors import UsageError
from suite.registry import SELECTORS, Registry, reserved_in


class Plugin:
    """What the tests register."""

    name = "plain"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """An importable package with one module that registers a plugin, as the suite's own are laid out."""
    name = f"made_{abs(hash(request.node.name))}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text(
        f"from suite.registry import Registry\nmade = Registry('thing', '{name}')\n", encoding="utf-8"
    )
    (folder / "inside.py").write_text(
        f"from {name} import made\n@made.register\nclass Inside:\n    name = 'inside'\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return name


def offered(folder: Path, group: str, code: str, target: str = "outside:Outside") -> None:
    """Lay out an installed distribution whose entry point offers a plugin."""
    (folder / "outside.py").write_text(code, encoding="utf-8")
    info = folder / "outside-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: outside\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[{group}]\noutside = {target}\n", encoding="utf-8")
    sys.modules.pop("outside", None)
    importlib.invalidate_caches()


def made(package: str) -> Registry[Any]:
    return __import__(package).made  # type: ignore[no-any-return]


def test_modules_of_the_package_are_found_at_the_first_look(package: str) -> None:
    registry = made(package)
    assert f"{package}.inside" not in sys.modules
    assert list(registry) == ["inside"]
    assert registry.get("inside").name == "inside"
    assert registry.is_built_in("inside")
    assert "outside" not in registry


def test_an_unknown_name_names_the_choices(package: str) -> None:
    with pytest.raises(UsageError, match="unknown thing 'nothing': choose from inside"):
        made(package).get("nothing")


def test_an_entry_point_adds_a_plugin(package: str, tmp_path: Path) -> None:
    offered(tmp_path, package, "class Outside:\n    name = 'outside'\n")
    registry = made(package)
    assert list(registry) == ["inside", "outside"]
    assert not registry.is_built_in("outside")


def test_an_entry_point_whose_module_registers_itself_is_one_plugin(package: str, tmp_path: Path) -> None:
    code = f"from {package} import made\n@made.register\nclass Outside:\n    name = 'outside'\n"
    offered(tmp_path, package, code)
    assert list(made(package)) == ["inside", "outside"]


@pytest.mark.parametrize("code", ["raise RuntimeError('on fire')", "class Outside:\n    def __init__(self): 1 / 0"])
def test_a_strangers_broken_plugin_is_named_every_time(package: str, tmp_path: Path, code: str) -> None:
    offered(tmp_path, package, code)
    for _ in range(2):
        with pytest.raises(UsageError, match=r"thing 'outside' from outside:Outside cannot be loaded"):
            list(made(package))


@pytest.mark.parametrize("name", ["Outside", "Inside"])
def test_two_plugins_of_one_name_are_refused(package: str, tmp_path: Path, name: str) -> None:
    offered(tmp_path, package, f"class {name}:\n    name = 'inside'\n", f"outside:{name}")
    with pytest.raises(UsageError, match=rf"two things are called 'inside': {package}.inside and outside"):
        list(made(package))


def test_registering_a_class_again_is_no_conflict() -> None:
    registry: Registry[Plugin] = Registry("thing", "nowhere")
    assert registry.register(Plugin) is registry.register(Plugin) is Plugin


def test_a_plugin_from_the_command_line_takes_no_name_that_is_taken(package: str) -> None:
    registry = made(package)
    registry.add(Plugin())
    assert "plain" in registry
    with pytest.raises(UsageError, match="there is a thing called 'plain' already: choose another name"):
        registry.add(Plugin())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("digits", ()),
        ("org", ()),
        ("cd", ()),
        ("organs", ("org",)),
        ("MixedThings", ("mix",)),
        ("synth-cdrom", ("syn", "cd")),
        ("folders", ("folder",)),
    ],
)
def test_names_that_k_would_select_too(name: str, words: tuple[str, ...]) -> None:
    assert reserved_in(name) == words


def test_a_built_in_plugin_with_such_a_name_is_refused() -> None:
    registry: Registry[Any] = Registry("dataset", "suite.datasets")
    inside = type("Organs", (), {"name": "organs", "__module__": "suite.datasets.organs"})
    with pytest.raises(UsageError, match="dataset 'organs' contains 'org'"):
        registry.register(inside)
    registry.register(type("Organs", (), {"name": "organs", "__module__": "stranger"}))


@pytest.mark.parametrize(
    "kind", ["datasets.dataset:datasets", "generators.generator:generators", "filters.filter:filters"]
)
def test_no_built_in_name_is_ambiguous(kind: str) -> None:
    module, _, attribute = kind.partition(":")
    registry = getattr(__import__(f"suite.{module}", fromlist=[attribute]), attribute)
    built_in = [name for name in registry if registry.is_built_in(name) and type(registry.get(name))().name == name]
    assert len(built_in) >= 3
    assert not [name for name in built_in if reserved_in(name)]
    assert set(SELECTORS) >= {name for name in built_in if registry.kind == "generator"}

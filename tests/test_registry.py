"""Registries: a decorator for built-in plugins, an entry point for those of other distributions."""

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

from suite.errors import UsageError
from suite.registry import RESERVED_WORDS, Registry, reserved_words_in


class Plugin:
    """A plugin to register."""

    name = "plain"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """An importable package with one module that registers a plugin, like the packages of the suite."""
    name = f"package_{abs(hash(request.node.name))}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text(
        f"from suite.registry import Registry\nthings = Registry('thing', '{name}')\n", encoding="utf-8"
    )
    (folder / "inside.py").write_text(
        f"from {name} import things\n@things.register\nclass Inside:\n    name = 'inside'\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return name


def install(folder: Path, group: str, code: str, target: str = "outside:Outside") -> None:
    """Create an installed distribution with an entry point for a plugin."""
    (folder / "outside.py").write_text(code, encoding="utf-8")
    info = folder / "outside-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: outside\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[{group}]\noutside = {target}\n", encoding="utf-8")
    sys.modules.pop("outside", None)
    importlib.invalidate_caches()


def registry_of(package: str) -> Registry[Any]:
    return __import__(package).things  # type: ignore[no-any-return]


def test_modules_of_the_package_are_imported_on_first_access(package: str) -> None:
    registry = registry_of(package)
    assert f"{package}.inside" not in sys.modules
    assert list(registry) == ["inside"]
    assert registry.get("inside").name == "inside"
    assert registry.is_built_in("inside")
    assert "outside" not in registry


def test_an_unknown_name_is_refused_with_the_choices(package: str) -> None:
    with pytest.raises(UsageError, match="unknown thing 'nothing': choose from inside"):
        registry_of(package).get("nothing")


def test_an_entry_point_adds_a_plugin(package: str, tmp_path: Path) -> None:
    install(tmp_path, package, "class Outside:\n    name = 'outside'\n")
    registry = registry_of(package)
    assert list(registry) == ["inside", "outside"]
    assert not registry.is_built_in("outside")


def test_an_entry_point_that_also_uses_the_decorator_is_one_plugin(package: str, tmp_path: Path) -> None:
    code = f"from {package} import things\n@things.register\nclass Outside:\n    name = 'outside'\n"
    install(tmp_path, package, code)
    assert list(registry_of(package)) == ["inside", "outside"]


@pytest.mark.parametrize("code", ["raise RuntimeError('broken')", "class Outside:\n    def __init__(self): 1 / 0"])
def test_a_broken_third_party_plugin_is_named_every_time(package: str, tmp_path: Path, code: str) -> None:
    install(tmp_path, package, code)
    for _ in range(2):
        with pytest.raises(UsageError, match=r"thing 'outside' from outside:Outside cannot be loaded"):
            list(registry_of(package))


@pytest.mark.parametrize("name", ["Outside", "Inside"])
def test_two_plugins_with_the_same_name_are_refused(package: str, tmp_path: Path, name: str) -> None:
    install(tmp_path, package, f"class {name}:\n    name = 'inside'\n", f"outside:{name}")
    with pytest.raises(UsageError, match=rf"two things are called 'inside': {package}.inside and outside"):
        list(registry_of(package))


def test_registering_a_class_twice_is_allowed() -> None:
    registry: Registry[Plugin] = Registry("thing", "nowhere")
    assert registry.register(Plugin) is registry.register(Plugin) is Plugin


def test_an_added_plugin_needs_a_free_name(package: str) -> None:
    registry = registry_of(package)
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
def test_reserved_words_in_names(name: str, words: tuple[str, ...]) -> None:
    assert reserved_words_in(name) == words


def test_a_built_in_plugin_with_a_reserved_word_in_its_name_is_refused() -> None:
    registry: Registry[Any] = Registry("dataset", "suite.datasets")
    inside = type("Organs", (), {"name": "organs", "__module__": "suite.datasets.organs"})
    with pytest.raises(UsageError, match="dataset 'organs' contains 'org'"):
        registry.register(inside)
    registry.register(type("Organs", (), {"name": "organs", "__module__": "third_party"}))


@pytest.mark.parametrize(
    "kind", ["datasets.dataset:datasets", "generators.generator:generators", "filters.filter:filters"]
)
def test_no_built_in_name_contains_a_reserved_word(kind: str) -> None:
    module, _, attribute = kind.partition(":")
    registry = getattr(__import__(f"suite.{module}", fromlist=[attribute]), attribute)
    built_in = [name for name in registry if registry.is_built_in(name)]
    assert len(built_in) >= 3
    assert not [name for name in built_in if reserved_words_in(name)]
    assert set(RESERVED_WORDS) >= {name for name in built_in if registry.kind == "generator"}

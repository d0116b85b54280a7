"""Export and import of artifacts as a zip; the commands are tested in ``tests/commands/test_transfer.py``."""

from pathlib import Path

import pytest
from simple_recipes import Number

from suite.artifacts import Store
from suite.artifacts.manifest import MANIFEST, BuiltWith
from suite.artifacts.transfer import export_artifacts, import_artifacts
from suite.engines.build import build_all


@pytest.mark.parametrize("built_with", [BuiltWith(device="cuda", versions={"torch": "2.6.0"}), None])
def test_a_transfer_keeps_what_an_artifact_was_built_with(
    tmp_path: Path, store: Store, built_with: BuiltWith | None
) -> None:
    recipe = Number(value=1)
    store.workspace(recipe.key)
    (store.payload(recipe.key) / "number.json").write_text('{"number": 1}')
    original = store.publish(recipe, {}, built_with)
    other = Store(tmp_path / "other")
    other.prepare()
    assert [one.how for one in export_artifacts(store, [recipe.key], tmp_path / "export.zip")] == ["moved"]
    assert [one.how for one in import_artifacts(other, tmp_path / "export.zip")] == ["moved"]
    assert other.get(recipe).built_with == built_with
    assert (other.path(recipe.key) / MANIFEST).read_bytes() == (original.path / MANIFEST).read_bytes()


def test_an_artifact_built_here_states_it_after_a_transfer(tmp_path: Path, store: Store) -> None:
    (built,) = build_all(store, [Number(value=1)])
    other = Store(tmp_path / "other")
    other.prepare()
    list(export_artifacts(store, [built.key], tmp_path / "export.zip"))
    list(import_artifacts(other, tmp_path / "export.zip"))
    assert built.built_with is not None
    assert other.get(Number(value=1)).built_with == built.built_with

"""The workbench: what a build may use, and where it puts what it makes."""

import numpy as np
from simple_recipes import Number, number

from suite.artifacts import BuildContext, DataPaths, Store
from suite.engines.build import build_all


def test_files_land_in_the_payload_and_dependencies_are_read_from_the_store(store: Store) -> None:
    need, recipe = Number(value=3), Number(value=4)
    build_all(store, [need])
    context = BuildContext(store, recipe, device="cpu", data_paths=DataPaths())
    assert context.artifact(need).json("number.json") == {"number": number(store, need)}
    context.write_json("a.json", 1)
    context.write_tensors("b.safetensors", {"x": np.zeros(2)})
    context.progress(1, 2)  # nobody listens
    made = store.publish(recipe, {})
    assert sorted(made.manifest.files) == ["a.json", "b.safetensors"]


def test_progress_is_passed_on(store: Store) -> None:
    heard: list[tuple[int, int]] = []
    context = BuildContext(
        store, Number(value=1), device="cpu", data_paths=DataPaths(), progress=lambda *done: heard.append(done)
    )
    context.progress(1, 2)
    assert heard == [(1, 2)]

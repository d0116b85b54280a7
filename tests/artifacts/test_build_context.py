"""The build context: dependencies, payload and progress of a build."""

import numpy as np
from simple_recipes import Number, number

from suite.artifacts import BuildContext, DataPaths, Store
from suite.engines.build import build_all


def test_files_are_written_to_the_payload_and_dependencies_read_from_the_store(store: Store) -> None:
    dependency, recipe = Number(value=3), Number(value=4)
    build_all(store, [dependency])
    context = BuildContext(store, recipe, device="cpu", data_paths=DataPaths())
    assert context.artifact(dependency).json("number.json") == {"number": number(store, dependency)}
    context.write_json("a.json", 1)
    context.write_tensors("b.safetensors", {"x": np.zeros(2)})
    context.progress(1, 2)  # without a callback
    artifact = store.publish(recipe, {})
    assert sorted(artifact.manifest.files) == ["a.json", "b.safetensors"]


def test_progress_is_passed_on(store: Store) -> None:
    reported: list[tuple[int, int]] = []
    context = BuildContext(
        store, Number(value=1), device="cpu", data_paths=DataPaths(), progress=lambda *done: reported.append(done)
    )
    context.progress(1, 2)
    assert reported == [(1, 2)]

"""The workbench: what a build may use, and where it puts what it makes."""

import numpy as np
from simple_recipes import Number, number

from suite.artifacts import Places, Store, Workbench
from suite.engines.build import build_all


def test_files_land_in_the_payload_and_dependencies_are_read_from_the_store(store: Store) -> None:
    need, recipe = Number(value=3), Number(value=4)
    build_all(store, [need])
    bench = Workbench(store, recipe, device="cpu", places=Places())
    assert bench.artifact(need).json("number.json") == {"number": number(store, need)}
    bench.write_json("a.json", 1)
    bench.write_tensors("b.safetensors", {"x": np.zeros(2)})
    bench.progress(1, 2)  # nobody listens
    made = store.publish(recipe, {})
    assert sorted(made.manifest.files) == ["a.json", "b.safetensors"]


def test_progress_is_passed_on(store: Store) -> None:
    heard: list[tuple[int, int]] = []
    bench = Workbench(store, Number(value=1), device="cpu", places=Places(), progress=lambda *done: heard.append(done))
    bench.progress(1, 2)
    assert heard == [(1, 2)]

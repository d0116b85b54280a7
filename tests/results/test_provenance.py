"""Provenance: facts about datasets, build environments, and the plan grouped by step."""

from pathlib import Path

from PIL import Image
from pydantic import BaseModel
from simple_recipes import Number, Painted

from suite.artifacts import DataPaths, Store
from suite.datasets.locate import locate
from suite.engines.build import build_all
from suite.images import FirstPerClass, Mixture
from suite.results.provenance import dataset_facts, environment, pipeline


def test_pipeline_counts_each_recipe_once_in_topological_order():
    images = tuple(Painted(per_class=(2, 2), seed=seed) for seed in range(3))
    both = Mixture(parts=images[:2])
    stages = pipeline([both, Mixture(parts=images), images[0], both])
    assert [(stage.step, stage.count, stage.reads) for stage in stages] == [
        ("test-painted", 3, ()),
        ("mixture", 2, ("test-painted",)),
    ]


def test_a_step_comes_after_all_steps_that_its_recipes_read():
    first, second = Painted(per_class=(2, 2)), Mixture(parts=(Painted(per_class=(2, 2)),))
    early = FirstPerClass(images=first, per_class=(1, 1))
    late = FirstPerClass(images=second, per_class=(1, 1))
    assert [stage.step for stage in pipeline([early, late])] == ["test-painted", "mixture", "first-per-class"]


def test_a_step_that_reads_the_same_step_does_not_list_itself():
    (stage,) = pipeline([Number(value=1, needs=(Number(value=2),))])
    assert (stage.count, stage.reads) == (2, ())


def test_environment_is_read_from_the_builds(store: Store):
    recipe = Number(value=1)
    assert environment([recipe], store) is None
    build_all(store, [recipe])
    environments = environment([recipe, Number(value=2)], store)
    assert environments is not None
    assert environments.devices == ("cpu",)
    assert len(environments.versions["python"]) == 1
    assert environments.versions["torch"]


def test_dataset_facts_have_name_licence_and_content(store: Store):
    facts = dataset_facts(locate("digits", DataPaths(), store.root / "contents"), {})
    assert (facts.name, facts.licence) == ("digits", "CC BY 4.0")
    assert sum(facts.test) == 360
    assert len(facts.content) == 32


def test_dataset_facts_contain_no_path(tmp_path: Path):
    for number in range(8):
        folder = tmp_path / "secret" / "shapes" / ("train", "test")[number % 2] / "ab"[number // 4]
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (number * 20, 0, 0)).save(folder / f"{number}.png")
    data_paths = DataPaths(data_roots=(tmp_path / "secret",))
    facts = dataset_facts(locate("shapes", data_paths, tmp_path / "contents"), {})
    assert facts.train == (2, 2)
    assert "secret" not in facts.model_dump_json()


class Inner(BaseModel):
    """Nested settings."""

    steps: int = 7
    channels: tuple[int, ...] = (8, 16)


class Outer(BaseModel):
    """Settings of a stage."""

    model: str = "/home/somebody/models/small"
    seed: int | None = None
    sides: dict[str, int] = {"clip": 224}
    training: Inner = Inner()


def test_dataset_facts_have_the_settings_of_every_stage(store: Store):
    located = locate("digits", DataPaths(), store.root / "contents")
    settings = dataset_facts(located, {"cd": Outer(), "data": Inner()}).settings
    assert settings["data"] == {"steps": "7", "channels": "8, 16"}
    assert settings["cd"] == {
        "model": "small",
        "seed": "none",
        "sides": "clip 224",
        "training.steps": "7",
        "training.channels": "8, 16",
    }

"""Every step of profile paper, run for two optimiser steps on a CPU with the settings of a GPU.

Networks, precision, memory format and settings are those of the profile. Images of 32x32
pixels and small batches are used, because a processor without bfloat16 emulates it. If the profile's
``sd`` pipeline is not on this machine, the tiny pipeline is trained and used instead.
"""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plugin_project import write_dataset
from simple_classifiers import resnet18_settings

import suite.planning.profiles
from suite.artifacts import DataPaths, Recipe, Store
from suite.classifiers import prediction
from suite.classifiers.influence import Influence
from suite.classifiers.network import TrainedNetwork
from suite.compute import Compute
from suite.engines.build import build, in_order
from suite.errors import SuiteError
from suite.generators.biggan.recipes import TrainGan
from suite.generators.cd.recipes import SampleDiffusion, TrainDiffusion
from suite.generators.generator import generators
from suite.generators.sd.recipes import SampleTextToImage
from suite.generators.sd.tiny.recipes import TrainTinyPipeline
from suite.metrics.recipes import Features, FeatureStatistics, Fidelity
from suite.planning.case import Case, DiscriminatorCase, Mode, cases_of
from suite.planning.dry_run import DryRunPlanner
from suite.planning.planner import BudgetOverrides, Planner
from suite.planning.profiles import Profile, load_profile

pytestmark = pytest.mark.thorough

GENERATORS = ("sd", "cd", "biggan")
GPU = Compute(precision="bfloat16", memory_format="channels_last")
SIZE = 32
SMALL_BATCHES = {
    "sd": {"sampling": {"batch_size": 3}},
    "cd": {"training": {"batch_size": 1}, "sampling": {"batch_size": 3}},
    "biggan": {"training": {"batch_size": 2}, "sampling": {"batch_size": 6}},
}
TINY = {"model": "tiny", "training": {"glyphs": 60}}


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {
        **base,
        **{
            name: merged(base[name], value) if isinstance(value, dict) and name in base else value
            for name, value in changes.items()
        },
    }


@pytest.fixture(scope="module")
def settings() -> dict[str, Any]:
    """The settings of the profile, with smaller batches."""
    path = Path(suite.planning.profiles.__file__).with_name("paper.toml")
    profile = tomllib.loads(path.read_text("utf-8"))
    changed = merged(profile, {"generator": SMALL_BATCHES})
    try:
        generators.get("sd").configure(changed["generator"]["sd"], DataPaths())
    except SuiteError:  # the pipeline is absent; the tiny one has a fixed image size
        sampling = {name: value for name, value in changed["generator"]["sd"]["sampling"].items() if name != "size"}
        changed["generator"]["sd"] = {**TINY, "sampling": sampling}
    return changed


@pytest.fixture(scope="module")
def planned(settings: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[Recipe, ...], DataPaths]:
    """Every recipe of a cell, its pictures, and the discriminator rows of all generators, in build order."""
    folder = tmp_path_factory.mktemp("paper")
    data_paths = DataPaths(data_roots=(write_dataset(folder / "data", train=2, test=2),), cache=folder / "cache")
    overrides = BudgetOverrides(max_seeds=1, limit_steps=2, image_size=SIZE)
    planner = Planner(Profile("paper", settings), data_paths, folder / "memo", overrides)
    targets = list(planner.case(Case(dataset="photos", generator="cd", mode=Mode.MIX)).targets)
    targets += [
        target for name in GENERATORS for target in planner.discriminator(DiscriminatorCase("photos", name)).targets
    ]
    return tuple(in_order(*targets)), data_paths


@pytest.fixture(scope="module")
def built(
    planned: tuple[tuple[Recipe, ...], DataPaths], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Store, tuple[Recipe, ...]]:
    """The store with all artifacts, and their recipes."""
    store = Store(tmp_path_factory.mktemp("store"))
    store.prepare()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prediction, "PREDICTION_BATCH_SIZE", 6)
        for recipe in planned[0]:
            build(store, recipe, data_paths=planned[1])
    return store, planned[0]


def test_every_step_of_the_profile_is_run(built: tuple[Store, tuple[Recipe, ...]], tmp_path: Path) -> None:
    """The steps are those of the unchanged profile, planned with downloads allowed."""
    store, recipes = built
    planner = DryRunPlanner(load_profile("paper"), DataPaths(cache=tmp_path, download=True), tmp_path / "memo")
    targets = [target for case in cases_of("cifar10", GENERATORS) for target in planner.case(case).targets]
    expected_steps = {recipe.step for recipe in in_order(*targets)}
    assert expected_steps <= {recipe.step for recipe in recipes if store.find(recipe)}
    assert len(expected_steps) > 15


def test_networks_and_compute_settings_are_those_of_the_profile(planned: tuple[tuple[Recipe, ...], DataPaths]) -> None:
    budget = load_profile("paper").base
    assert budget.compute == GPU
    float32_recipes = (Features, FeatureStatistics, Fidelity, Influence)
    for recipe in planned[0]:
        if isinstance(recipe, TrainedNetwork):
            assert recipe.settings == resnet18_settings(budget).model_copy(update={"steps": 2})
        if isinstance(recipe, TrainDiffusion | TrainGan):
            name = "cd" if isinstance(recipe, TrainDiffusion) else "biggan"
            training = budget.generator[name]["training"]
            replaced = {"steps": 2, "batch_size": SMALL_BATCHES[name]["training"]["batch_size"]}
            assert recipe.settings == type(recipe.settings).model_validate({**training, **replaced})
        if isinstance(recipe, SampleDiffusion | SampleTextToImage):
            assert recipe.settings.steps == 2
        compute = getattr(recipe, "compute", None)
        if compute is not None and not isinstance(recipe, TrainTinyPipeline):
            assert compute.memory_format == "channels_last"
            assert compute.precision == ("float32" if isinstance(recipe, float32_recipes) else "bfloat16"), recipe.label


def test_all_saved_floats_are_finite(built: tuple[Store, tuple[Recipe, ...]]) -> None:
    store, recipes = built
    count = 0
    for recipe in recipes:
        artifact = store.get(recipe)
        artifact.verify()
        for name in artifact.manifest.files:
            if not name.endswith(".safetensors") or name.startswith("pipeline/"):
                continue
            for tensor, values in artifact.tensors(name).items():
                if np.issubdtype(values.dtype, np.floating) and tensor != "radii":  # may be infinite
                    assert np.isfinite(values).all(), f"{recipe.label}: {tensor}"
                    count += values.size
    assert count > 30_000_000, "the paper's networks have more parameters"


def test_saved_weights_are_float32(built: tuple[Store, tuple[Recipe, ...]]) -> None:
    """Autocast computes in bfloat16; optimised, averaged and saved weights are float32."""
    store, recipes = built
    trained = [recipe for recipe in recipes if isinstance(recipe, TrainedNetwork | TrainDiffusion | TrainGan)]
    assert {type(recipe) for recipe in trained} == {TrainedNetwork, TrainDiffusion, TrainGan}
    for recipe in trained:
        dtypes = {value.dtype for value in store.get(recipe).tensors("model.safetensors").values()}
        assert np.dtype(np.float32) in dtypes
        assert dtypes <= {np.dtype(np.float32), np.dtype(np.int64)}

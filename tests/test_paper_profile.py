"""Every step of profile paper, run for two optimiser steps on a CPU with the flags that a GPU gets.

The networks, precision, memory format and settings are the profile's own. Smaller are images and batches: a processor
without bfloat16 emulates it, and a step of 128 images of 32x32 through the profile's networks would take it minutes.
The pipeline of ``sd`` is the tiny one, trained here, where the profile's is not on the machine.
"""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plugin_project import paint

import suite.planning.profiles
from suite.artifacts import DataPaths, Recipe, Store
from suite.classifiers import prediction
from suite.classifiers.recipes import Classifier
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
SIZE = 16
FEW = {
    "sd": {"sampling": {"batch_size": 3}},
    "cd": {"training": {"batch_size": 1}, "sampling": {"batch_size": 3}},
    "biggan": {"training": {"batch_size": 2}, "sampling": {"batch_size": 6}},
}
TINY = {"model": "tiny", "training": {"glyphs": 60}}


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    return {**base, **{k: merged(base[k], v) if isinstance(v, dict) and k in base else v for k, v in over.items()}}


@pytest.fixture(scope="module")
def settings() -> dict[str, Any]:
    """The profile's file, with fewer images."""
    path = Path(suite.planning.profiles.__file__).with_name("paper.toml")
    read = tomllib.loads(path.read_text("utf-8"))
    made = merged(read, {"generator": FEW})
    try:
        generators.get("sd").configure(made["generator"]["sd"], DataPaths())
    except SuiteError:  # not here: the tiny one works at its own size
        sampling = {name: value for name, value in made["generator"]["sd"]["sampling"].items() if name != "size"}
        made["generator"]["sd"] = {**TINY, "sampling": sampling}
    return made


@pytest.fixture(scope="module")
def planned(settings: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[Recipe, ...], DataPaths]:
    """Every recipe of a cell and its pictures, and of the discriminator tests of all generators, in order."""
    folder = tmp_path_factory.mktemp("paper")
    data_paths = DataPaths(data_roots=(paint(folder / "data", train=2, test=2),), cache=folder / "cache")
    choice = BudgetOverrides(seeds=1, limit_steps=2, image_size=SIZE)
    planner = Planner(Profile("paper", settings), data_paths, folder / "memo", choice)
    targets = list(planner.case(Case(dataset="photos", generator="cd", mode=Mode.MIX)).targets)
    targets += [
        target for name in GENERATORS for target in planner.discriminator(DiscriminatorCase("photos", name)).targets
    ]
    return tuple(in_order(*targets)), data_paths


@pytest.fixture(scope="module")
def built(
    planned: tuple[tuple[Recipe, ...], DataPaths], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Store, tuple[Recipe, ...]]:
    """The store in which all of them were built."""
    store = Store(tmp_path_factory.mktemp("store"))
    store.prepare()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prediction, "PREDICTED_AT_ONCE", 6)
        for recipe in planned[0]:
            build(store, recipe, data_paths=planned[1])
    return store, planned[0]


def test_every_step_of_the_profile_was_run(built: tuple[Store, tuple[Recipe, ...]], tmp_path: Path) -> None:
    """The steps of the real profile, as a machine that may download would plan them."""
    store, recipes = built
    there = DryRunPlanner(load_profile("paper"), DataPaths(cache=tmp_path, download=True), tmp_path / "memo")
    targets = [target for case in cases_of("cifar10", GENERATORS) for target in there.case(case).targets]
    wanted = {recipe.step for recipe in in_order(*targets)}
    assert wanted <= {recipe.step for recipe in recipes if store.find(recipe)}
    assert len(wanted) > 15


def test_the_networks_and_flags_are_the_profiles(planned: tuple[tuple[Recipe, ...], DataPaths]) -> None:
    budget = load_profile("paper").base
    assert budget.compute == GPU
    measured = (Features, FeatureStatistics, Fidelity)
    for recipe in planned[0]:
        if isinstance(recipe, Classifier):
            assert recipe.settings == budget.classifier.model_copy(update={"steps": 2})
        if isinstance(recipe, TrainDiffusion | TrainGan):
            name = "cd" if isinstance(recipe, TrainDiffusion) else "biggan"
            given = budget.generator[name]["training"]
            changed = {"steps": 2, "batch_size": FEW[name]["training"]["batch_size"]}
            assert recipe.settings == type(recipe.settings).model_validate({**given, **changed})
        if isinstance(recipe, SampleDiffusion | SampleTextToImage):
            assert recipe.settings.steps == 2
        compute = getattr(recipe, "compute", None)
        if compute is not None and not isinstance(recipe, TrainTinyPipeline):
            assert compute.memory_format == "channels_last"
            assert compute.precision == ("float32" if isinstance(recipe, measured) else "bfloat16"), recipe.label


def test_everything_that_was_made_is_finite(built: tuple[Store, tuple[Recipe, ...]]) -> None:
    store, recipes = built
    floats = 0
    for recipe in recipes:
        artifact = store.get(recipe)
        artifact.verify()
        for name in artifact.manifest.files:
            if not name.endswith(".safetensors") or name.startswith("pipeline/"):
                continue
            for tensor, values in artifact.tensors(name).items():
                if np.issubdtype(values.dtype, np.floating) and tensor != "radii":  # of the few, some have no fifth
                    assert np.isfinite(values).all(), f"{recipe.label}: {tensor}"
                    floats += values.size
    assert floats > 30_000_000, "the paper's networks are large"


def test_weights_are_kept_in_single_precision(built: tuple[Store, tuple[Recipe, ...]]) -> None:
    """Autocast computes in bfloat16; what is optimised, averaged and saved is float32."""
    store, recipes = built
    trained = [recipe for recipe in recipes if isinstance(recipe, Classifier | TrainDiffusion | TrainGan)]
    assert {type(recipe) for recipe in trained} == {Classifier, TrainDiffusion, TrainGan}
    for recipe in trained:
        kinds = {value.dtype for value in store.get(recipe).tensors("model.safetensors").values()}
        assert np.dtype(np.float32) in kinds
        assert kinds <= {np.dtype(np.float32), np.dtype(np.int64)}

from collections.abc import Callable

import numpy as np
import pytest
import torch

from suite.artifacts import BuildContext, DataPaths, Recipe, Store
from suite.datasets.real import resized
from suite.engines.build import build, build_all
from suite.errors import Diverged, UsageError
from suite.generators.sd.loading import load
from suite.generators.sd.recipes import SampleTextToImage
from suite.generators.sd.sampling import SUMMARY, ImageSampler, in_turn

Plan = Callable[..., SampleTextToImage]
Payload = Callable[[Store, Recipe], dict[str, bytes]]


def test_counts_are_exact_and_labels_in_order(trained_store: Store, samples: Plan) -> None:
    recipe = samples(3, 0, 2)
    artifact = build_all(trained_store, [recipe])[0]
    made = recipe.open(trained_store)
    assert recipe.counts == made.counts(3) == (3, 0, 2)
    assert made.labels.tolist() == [0, 0, 0, 2, 2]
    assert made.images.shape == (5, 8, 8, 3)
    assert artifact.json(SUMMARY) == {
        "n": 5,
        "pipeline": "StableDiffusionPipeline",
        "scheduler": "DPMSolverMultistepScheduler",
        "steps": 2,
        "guidance": 1.0,
        "evaluations_per_image": 2,
    }


def test_prompts_take_turns_within_a_class() -> None:
    prompts, counts, order = in_turn((("a", "b"), ("c", "d"), ("e",)), (5, 1, 2))
    assert prompts == ["a", "b", "c", "d", "e"]
    assert counts == [3, 2, 1, 0, 2]
    dealt = [prompt for prompt, count in zip(prompts, counts, strict=True) for _ in range(count)]
    assert [dealt[place] for place in order] == ["a", "b", "a", "b", "a", "c", "e", "e"]


def test_the_prompt_of_an_image_is_the_one_its_label_and_turn_ask_for(
    trained_store: Store, samples: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paints the number of the prompt instead of asking the pipeline, and reads it off the finished images."""

    def paint(painter: ImageSampler, kinds: torch.Tensor, generators: list[torch.Generator]) -> torch.Tensor:
        prompts = torch.tensor([float(painter._prompts[kind]) for kind in kinds.tolist()])
        noise = torch.stack([torch.rand(3, 8, 8, generator=one) for one in generators])
        noise[:, 0] = (prompts / 127.5 - 1)[:, None, None]
        return noise

    monkeypatch.setattr(ImageSampler, "draw", paint)
    recipe = samples(5, 1, 4, prompts=(("10", "11", "12"), ("20", "21", "22"), ("30", "31", "32")), seed=7)
    build(trained_store, recipe)
    made = recipe.open(trained_store)
    assert made.images[:, 0, 0, 0].tolist() == [10, 11, 12, 10, 11, 20, 30, 31, 32, 30]
    assert made.labels.tolist() == [0, 0, 0, 0, 0, 1, 2, 2, 2, 2]


def test_the_pipeline_is_told_what_the_settings_say(trained_store: Store, samples: Plan) -> None:
    images = []
    for recipe in (
        samples(2, 2),
        samples(2, 2, guidance=3.0),
        samples(2, 2, guidance=3.0, negative_prompt="a bold one"),
        samples(2, 2, steps=3),
        samples(2, 2, scheduler="ddim"),
        samples(2, 2, seed=1),
        samples(2, 2, prompts=(("the digit nine",), ("the digit one",))),
    ):
        build_all(trained_store, [recipe])
        images.append(recipe.open(trained_store).images)
    assert len({made.tobytes() for made in images}) == 7
    assert np.array_equal(images[0][2:], images[-1][2:]), "the other class keeps its prompt, and with it its images"


def test_the_same_recipe_makes_the_same_bytes(trained_store: Store, samples: Plan, payload: Payload) -> None:
    recipe = samples(3, 3, scheduler="ddim", guidance=2.0)
    torch.manual_seed(1)
    first = payload(trained_store, recipe)
    trained_store.discard(recipe.key)
    torch.manual_seed(2)
    assert payload(trained_store, recipe) == first


def test_an_interrupted_sampling_ends_in_the_same_bytes(
    trained_store: Store, samples: Plan, payload: Payload, interrupt: Callable[[Store, Recipe, int], None]
) -> None:
    recipe = samples(5, 4)
    first = payload(trained_store, recipe)
    trained_store.discard(recipe.key)
    interrupt(trained_store, recipe, 4)
    kept = trained_store.root / "tmp" / recipe.key / "scratch"
    assert len(list(kept.glob("images-*.safetensors"))) == 1
    assert payload(trained_store, recipe) == first


def test_an_image_does_not_depend_on_the_images_beside_it(trained_store: Store, samples: Plan) -> None:
    few, many = samples(1, 2, steps=4, guidance=2.0), samples(4, 5, steps=4, guidance=2.0)
    build_all(trained_store, [few, many])
    some, all_of_them = few.open(trained_store), many.open(trained_store)
    assert np.array_equal(some.images[:1], all_of_them.images[:1])
    assert np.array_equal(some.images[1:], all_of_them.images[4:6])
    assert len(np.unique(all_of_them.images.reshape(9, -1), axis=0)) == 9


def test_images_are_made_at_one_size_and_kept_at_another(trained_store: Store, samples: Plan) -> None:
    own, larger, asked = samples(2, side=16), samples(2, side=32), samples(2, side=16, size=24)
    build_all(trained_store, [own, larger, asked])
    assert own.open(trained_store).images.shape == (2, 16, 16, 3)
    assert larger.open(trained_store).images.shape == (2, 32, 32, 3)
    for at_own_size, kept in zip(own.open(trained_store).images, larger.open(trained_store).images, strict=True):
        assert np.array_equal(resized(at_own_size, 32), kept)
    assert not np.array_equal(asked.open(trained_store).images, own.open(trained_store).images)


def test_what_a_pipeline_cannot_be_told_is_one_clear_line(samples: Plan) -> None:
    class Plain:
        def __call__(self, prompt: list[str], num_inference_steps: int, output_type: str) -> None: ...

    with pytest.raises(UsageError, match="a Plain takes no guidance_scale: leave it out"):
        ImageSampler(Plain(), samples(1), ["one"])  # type: ignore[arg-type]


def test_values_that_are_not_finite_make_no_images(trained_store: Store, samples: Plan) -> None:
    recipe = samples(1)
    pipeline = load(recipe, BuildContext(trained_store, recipe, device="cpu", data_paths=DataPaths()))
    with torch.no_grad():
        pipeline.vae.decoder.conv_out.bias.fill_(float("nan"))
    with pytest.raises(Diverged, match="values that are not finite"):
        ImageSampler(pipeline, recipe, ["one"]).draw(torch.tensor([0]), [torch.Generator()])

from collections.abc import Callable

import numpy as np
import pytest
import torch

from suite.artifacts import BuildContext, DataPaths, Recipe, Store
from suite.engines.build import build, build_all
from suite.errors import Diverged, UsageError
from suite.generators.sd.recipes import SampleTextToImage
from suite.generators.sd.sampling import ImageSampler, assign_prompts
from suite.generators.sd.settings import SUMMARY
from suite.images.resizing import resized

Plan = Callable[..., SampleTextToImage]
Payload = Callable[[Store, Recipe], dict[str, bytes]]


def test_counts_are_exact_and_labels_are_in_order(trained_store: Store, samples: Plan) -> None:
    recipe = samples(3, 0, 2)
    artifact = build_all(trained_store, [recipe])[0]
    data = recipe.open(trained_store)
    assert recipe.counts == data.counts(3) == (3, 0, 2)
    assert data.labels.tolist() == [0, 0, 0, 2, 2]
    assert data.images.shape == (5, 8, 8, 3)
    assert artifact.json(SUMMARY) == {
        "n": 5,
        "pipeline": "StableDiffusionPipeline",
        "scheduler": "DPMSolverMultistepScheduler",
        "steps": 2,
        "guidance": 1.0,
        "evaluations_per_image": 2,
    }


def test_prompts_alternate_within_a_class() -> None:
    prompts, counts, order = assign_prompts((("a", "b"), ("c", "d"), ("e",)), (5, 1, 2))
    assert prompts == ["a", "b", "c", "d", "e"]
    assert counts == [3, 2, 1, 0, 2]
    generated = [prompt for prompt, count in zip(prompts, counts, strict=True) for _ in range(count)]
    assert [generated[index] for index in order] == ["a", "b", "a", "b", "a", "c", "e", "e"]


def test_every_image_is_generated_with_the_prompt_of_its_label_and_number(
    trained_store: Store, samples: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replaces the pipeline by a function that writes the number in the prompt into the pixels."""

    def draw_number(
        sampler: ImageSampler, prompt_indices: torch.Tensor, generators: list[torch.Generator]
    ) -> torch.Tensor:
        prompts = torch.tensor([float(sampler._prompts[index]) for index in prompt_indices.tolist()])
        noise = torch.stack([torch.rand(3, 8, 8, generator=generator) for generator in generators])
        noise[:, 0] = (prompts / 127.5 - 1)[:, None, None]
        return noise

    monkeypatch.setattr(ImageSampler, "draw", draw_number)
    recipe = samples(5, 1, 4, prompts=(("10", "11", "12"), ("20", "21", "22"), ("30", "31", "32")), seed=7)
    build(trained_store, recipe)
    data = recipe.open(trained_store)
    assert data.images[:, 0, 0, 0].tolist() == [10, 11, 12, 10, 11, 20, 30, 31, 32, 30]
    assert data.labels.tolist() == [0, 0, 0, 0, 0, 1, 2, 2, 2, 2]


def test_every_setting_changes_the_images(trained_store: Store, samples: Plan) -> None:
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
    assert len({array.tobytes() for array in images}) == 7
    assert np.array_equal(images[0][2:], images[-1][2:]), "the images of the other class do not change"


def test_two_builds_give_identical_bytes(trained_store: Store, samples: Plan, payload: Payload) -> None:
    recipe = samples(3, 3, scheduler="ddim", guidance=2.0)
    torch.manual_seed(1)
    first = payload(trained_store, recipe)
    trained_store.discard(recipe.key)
    torch.manual_seed(2)
    assert payload(trained_store, recipe) == first


def test_an_interrupted_sampling_gives_identical_bytes(
    trained_store: Store, samples: Plan, payload: Payload, interrupt: Callable[[Store, Recipe, int], None]
) -> None:
    recipe = samples(5, 4)
    first = payload(trained_store, recipe)
    trained_store.discard(recipe.key)
    interrupt(trained_store, recipe, 4)
    scratch = trained_store.root / "tmp" / recipe.key / "scratch"
    assert len(list(scratch.glob("images-*.safetensors"))) == 1
    assert payload(trained_store, recipe) == first


def test_an_image_does_not_depend_on_the_other_images(trained_store: Store, samples: Plan) -> None:
    few, many = samples(1, 2, steps=4, guidance=2.0), samples(4, 5, steps=4, guidance=2.0)
    build_all(trained_store, [few, many])
    few_images, many_images = few.open(trained_store).images, many.open(trained_store).images
    assert np.array_equal(few_images[:1], many_images[:1])
    assert np.array_equal(few_images[1:], many_images[4:6])
    assert len(np.unique(many_images.reshape(9, -1), axis=0)) == 9


def test_images_are_generated_at_one_size_and_resized_to_another(trained_store: Store, samples: Plan) -> None:
    default, larger, requested = samples(2, side=16), samples(2, side=32), samples(2, side=16, size=24)
    build_all(trained_store, [default, larger, requested])
    assert default.open(trained_store).images.shape == (2, 16, 16, 3)
    assert larger.open(trained_store).images.shape == (2, 32, 32, 3)
    for image, resized_image in zip(default.open(trained_store).images, larger.open(trained_store).images, strict=True):
        assert np.array_equal(resized(image, 32), resized_image)
    assert not np.array_equal(requested.open(trained_store).images, default.open(trained_store).images)


def test_a_setting_that_the_pipeline_does_not_accept_gives_a_one_line_error(samples: Plan) -> None:
    class MinimalPipeline:
        def __call__(self, prompt: list[str], num_inference_steps: int, output_type: str) -> None: ...

    with pytest.raises(UsageError, match="sd: MinimalPipeline does not accept guidance_scale: remove the setting"):
        ImageSampler(MinimalPipeline(), ["one"], samples(1).settings, size=8, label="sd")  # type: ignore[arg-type]


def test_values_that_are_not_finite_raise_diverged(trained_store: Store, samples: Plan) -> None:
    recipe = samples(1)
    pipeline = recipe.load_pipeline(BuildContext(trained_store, recipe, device="cpu", data_paths=DataPaths()))
    with torch.no_grad():
        pipeline.vae.decoder.conv_out.bias.fill_(float("nan"))
    sampler = ImageSampler(pipeline, ["one"], recipe.settings, size=8, label="sd")
    with pytest.raises(Diverged, match="sd: the pipeline returns values that are not finite"):
        sampler.draw(torch.tensor([0]), [torch.Generator()])

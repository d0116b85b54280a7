"""Tests of the experimental setup as text."""

from collections.abc import Callable

from suite.report.experimental_setup import experimental_setup
from suite.results.models import ClassifierFacts, ResultsFile


def test_real_images_classifier_and_every_generator_have_a_line(make_results: Callable[..., ResultsFile]) -> None:
    description = "class-conditional diffusion, trained from scratch at 4x4 pixels; enlarged to 8x8"
    cells = tuple(
        cell.model_copy(update={"generator_description": description if cell.generator == "cd" else None})
        for cell in make_results().cells
    )
    digits, melanoma = experimental_setup(make_results(cells=cells))
    assert (digits.dataset, melanoma.dataset) == ("digits", "melanoma")
    assert digits.lines == (
        ("real images", "1,000 of the 1,430 images of the train split for training, 360 test images, 10 classes"),
        (
            "classifier",
            "ResNet-18 from scratch; 0.70 million parameters trained, with 5 seeds; for ORG 220 steps"
            " (26,940 images seen)",
        ),
        ("sd", "\N{EN DASH}"),
        ("cd", f"{description}; 1,000 images used"),
        ("biggan", "\N{EN DASH}"),
    )
    assert melanoma.lines[-1] == ("sd", "not run; see the reason below Table 1")


def test_classifier_settings_are_shown(make_results: Callable[..., ResultsFile]) -> None:
    settings = {"classifier": {"batch_size": "64"}}
    facts = make_results().datasets[0].model_copy(update={"settings": settings})
    digits = experimental_setup(make_results(datasets=(facts,)))[0]
    assert dict(digits.lines)["classifier"] == (
        "ResNet-18 from scratch; 0.70 million parameters trained, with 5 seeds; for ORG 220 steps of 64 images"
        " (26,940 images seen)"
    )


def test_a_classifier_without_seeds_and_its_pretraining_are_described(make_results: Callable[..., ResultsFile]) -> None:
    facts = ClassifierFacts(name="linear-probe", title="linear probe", pretrained_on="ImageNet-1k", has_seeds=False)
    cells = tuple(cell.model_copy(update={"classifier": facts}) for cell in make_results().cells)
    assert dict(experimental_setup(make_results(cells=cells))[0].lines)["classifier"] == (
        "linear probe, trained before on ImageNet-1k; 0.70 million parameters trained, in 1 fit"
    )


def test_no_cells_give_no_setup(make_results: Callable[..., ResultsFile]) -> None:
    assert experimental_setup(make_results(cells=())) == ()

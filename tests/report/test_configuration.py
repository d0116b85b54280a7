"""What was done, in words: every number in them is one of the results'."""

from collections.abc import Callable

from suite.report.configuration import designs
from suite.results.models import Results


def test_real_images_classifier_and_every_generator_have_a_line(make_results: Callable[..., Results]) -> None:
    about = "class-conditional diffusion, trained from scratch at 4x4 pixels; enlarged to 8x8"
    given = make_results().cells
    cells = tuple(
        cell.model_copy(update={"generator_description": about if cell.generator == "cd" else None}) for cell in given
    )
    digits, melanoma = designs(make_results(cells=cells))
    assert (digits.dataset, melanoma.dataset) == ("digits", "melanoma")
    assert digits.lines == (
        ("real images", "1,000 of the 1,430 in the train split to train on, 360 test images, 10 classes"),
        (
            "classifier",
            "a network of 0.70 million parameters, 220 steps (26,940 images seen) for org, trained from scratch with"
            " each of 3 seeds",
        ),
        ("sd", "\N{EN DASH}"),
        ("cd", f"{about}; 1,000 images used"),
        ("biggan", "\N{EN DASH}"),
    )
    assert melanoma.lines[-1] == ("sd", "not run; Table 1 says why")


def test_what_the_classifier_was_told_is_said(make_results: Callable[..., Results]) -> None:
    honest = make_results()
    told = {"classifier": {"network": "resnet18", "batch_size": "64"}}
    facts = honest.datasets[0].model_copy(update={"settings": told})
    digits = designs(make_results(datasets=(facts,)))[0]
    assert dict(digits.lines)["classifier"].startswith("resnet18 of 0.70 million parameters, 220 steps of 64 images (")


def test_of_nothing_nothing_is_said(make_results: Callable[..., Results]) -> None:
    assert designs(make_results(cells=())) == ()

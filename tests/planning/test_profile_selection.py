"""Selection of a profile by the number of images, the device and the number of workers."""

import pytest
from simple_classifiers import resnet18_settings

from suite.planning.profile_selection import ImageCounts, choose_profile, images_seen
from suite.planning.profiles import load_profile

FEW = ImageCounts("birds", classes=4, real=400, synthetic=(200,))
MANY = ImageCounts("birds", classes=200, real=400_000, synthetic=(400_000,))
TOO_MANY = ImageCounts("birds", classes=1000, real=100_000_000)


@pytest.mark.parametrize(
    ("images", "device", "workers", "name"),
    [
        (FEW, "cpu", 1, "cpu"),
        (FEW, "mps", 1, "cpu"),
        (FEW, "cuda", 1, "paper"),
        (MANY, "cpu", 2, "smoke"),
        (MANY, "cpu", 128, "cpu"),
        (MANY, "cuda", 1, "paper"),
        (TOO_MANY, "cuda", 1, "smoke"),
        (TOO_MANY, "cpu", 2, "smoke"),
    ],
)
def test_largest_profile_within_the_capacity_of_the_machine(
    images: ImageCounts, device: str, workers: int, name: str
) -> None:
    assert choose_profile(images, "resnet18", device, workers).profile == name


def test_images_seen_are_counted_over_modes_epochs_and_seeds() -> None:
    budget = load_profile("cpu").budget("birds")
    epochs = resnet18_settings(budget).epochs
    assert budget.max_seeds == 12
    assert images_seen(FEW, "resnet18", budget) == epochs * 5 * (400 + 200 + 600)
    assert images_seen(FEW, "resnet18", budget, seeds=2) == epochs * 2 * 1200
    assert images_seen(FEW, "resnet18", budget, image_size=64) == 4 * epochs * 5 * 1200


def test_synthetic_images_count_up_to_the_number_of_real_ones() -> None:
    budget = load_profile("cpu").budget("birds")
    seen = images_seen(ImageCounts("birds", classes=2, real=4000, synthetic=(9000,)), "resnet18", budget)
    assert seen == resnet18_settings(budget).epochs * 5 * (4000 + 4000 + 8000)


def test_larger_images_need_a_smaller_profile() -> None:
    images = ImageCounts("birds", classes=40, real=20_000)
    assert choose_profile(images, "resnet18", "cpu", 1).profile == "cpu"
    assert choose_profile(images, "resnet18", "cpu", 1, seeds=2, image_size=50).profile == "cpu"
    assert choose_profile(images, "resnet18", "cpu", 1, image_size=64).profile == "smoke"


def test_reason_states_images_workers_and_capacity() -> None:
    assert choose_profile(FEW, "resnet18", "cpu", 2).reason == (
        "400 real and 200 synthetic images on 2 cpu workers: classifiers see 0.1 million with repetition, "
        "of 4.0 million at most"
    )
    assert choose_profile(TOO_MANY, "resnet18", "cpu", 1).reason.startswith(
        "100,000,000 real images on 1 cpu worker: with cpu, classifiers would see 10000.0 million"
    )

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from suite.__main__ import main
from suite.datasets import statistics
from suite.datasets.check import check
from suite.datasets.checks import FULL_CHECK
from suite.datasets.content import load_content
from suite.datasets.digits import DigitsSource
from suite.datasets.imagefolder import ImageFolder
from suite.datasets.statistics import Statistics, committed_statistics, write_committed_statistics

MakeFolder = Callable[..., Path]


def findings(folder: Path) -> list[tuple[str, str]]:
    checks = check("pets", ImageFolder(folder))[1]
    return [(outcome.severity, text.replace(f"{folder}/", "")) for outcome in checks for text in outcome.found]


def scene(seed: int) -> Image.Image:
    """Return a random smooth image."""
    fields = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(fields).resize((48, 48), Image.Resampling.BICUBIC)


def test_a_valid_folder_has_no_findings(image_folder: MakeFolder, tmp_path: Path) -> None:
    folder = image_folder()
    found, checks = check("pets", ImageFolder(folder))
    assert all(outcome.passed for outcome in checks)
    assert found.content == load_content(ImageFolder(folder), tmp_path / "cache").id
    assert (found.train, found.test, found.smallest, found.largest) == ((5, 5), (3, 3), (12, 10), (12, 10))
    pixels = np.concatenate([np.asarray(Image.open(path)).reshape(-1, 3) for path in (folder / "train").rglob("*.png")])
    assert found.mean == pytest.approx(pixels.mean(axis=0) / 255, abs=1e-8)
    assert found.std == pytest.approx(pixels.std(axis=0) / 255, abs=1e-8)


def test_unreadable_images_are_all_named(image_folder: MakeFolder) -> None:
    folder = image_folder()
    for name in ("train/cat/0.png", "test/dog/1.png"):
        (folder / name).write_bytes(b"no image")
    found = findings(folder)
    assert [severity for severity, _ in found] == ["not valid", "not valid", "note"]
    assert [text.split()[0] for _, text in found] == ["train/cat/0.png", "test/dog/1.png", "4"]
    assert "4 to 5 training images per class (cat, dog)" in found[2]


def test_duplicates_and_conflicting_labels(image_folder: MakeFolder) -> None:
    folder = image_folder()
    shutil.copy(folder / "train/cat/0.png", folder / "test/cat/9.png")
    shutil.copy(folder / "train/cat/1.png", folder / "train/cat/9.png")
    shutil.copy(folder / "train/dog/0.png", folder / "train/cat/8.png")
    assert findings(folder) == [
        ("warning", "images with equal pixels and different labels: 1 (train/cat/8.png = train/dog/0.png)"),
        (
            "warning",
            "1 of 7 test images are in the train split too, pixel for pixel (train/cat/0.png = test/cat/9.png)",
        ),
        (
            "note",
            "17 different images of 19 (train/cat/1.png = train/cat/9.png; train/cat/8.png = train/dog/0.png)",
        ),
        ("note", "5 to 7 training images per class (dog, cat)"),
    ]


def test_near_duplicates(image_folder: MakeFolder) -> None:
    folder = image_folder()
    for number, path in enumerate(sorted(folder.rglob("*.png"))):
        scene(number).save(path)
    ramp, stripes = np.arange(48) * 2, np.arange(48)[:, np.newaxis] // 6 % 2 * 100
    for number, grey in enumerate(
        (ramp + stripes, ramp + 100 - stripes)
    ):  # different images with the same difference hash
        Image.fromarray(np.stack([grey] * 3, axis=-1).astype(np.uint8)).save(folder / f"train/dog/{number}.png")
    assert findings(folder) == []
    original = scene(100)
    original.save(folder / "train/cat/0.png")
    ImageEnhance.Brightness(original).enhance(0.8).save(folder / "test/cat/0.png")
    original.resize((40, 40)).resize((48, 48)).save(folder / "test/dog/0.png", quality=80)
    (severity, text), (other_severity, other_text) = findings(folder)
    assert (severity, other_severity) == ("warning", "note")
    assert text.startswith("2 of 6 test images are nearly equal to a training image (train/cat/0.png = test/")
    assert other_text.startswith("pairs of nearly equal images: 3 (train/cat/0.png = test/")


def test_a_run_searches_for_near_duplicates_in_small_datasets(
    image_folder: MakeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = image_folder()
    scene(0).save(folder / "train/cat/0.png")
    ImageEnhance.Brightness(scene(0)).enhance(0.8).save(folder / "test/cat/0.png")
    expected = "1 of 6 test images are nearly equal to a training image (train/cat/0.png = test/cat/0.png)"
    assert expected in [text for one in load_content(ImageFolder(folder), tmp_path / "a").checks for text in one.found]
    for module in ("content", "image_checks"):
        monkeypatch.setattr(f"suite.datasets.{module}.MOST_COMPARED", 15)
    checks = load_content(ImageFolder(folder), tmp_path / "b").checks
    assert [one.not_run for one in checks if "nearly equal" in one.name] == [f"more than 15 images: {FULL_CHECK}"] * 2


def test_groups_in_both_splits_are_not_valid(image_folder: MakeFolder) -> None:
    folder = image_folder()
    (folder / "metadata.csv").write_text("file,group\ntrain/cat/0.png,A\ntest/cat/0.png,A\n")
    assert findings(folder) == [
        ("not valid", "groups in train and test: 1 ('A')"),
        ("note", "without a group: 14 images"),
    ]


def test_digits_match_the_committed_statistics() -> None:
    found, checks = check("digits", DigitsSource())
    assert found == committed_statistics("digits")
    assert not [outcome for outcome in checks if outcome.found and outcome.severity != "note"]


def test_images_that_differ_from_the_committed_statistics_are_a_warning(image_folder: MakeFolder) -> None:
    (only,) = (outcome for outcome in check("digits", ImageFolder(image_folder()))[1] if outcome.found)
    assert only.severity == "warning"
    assert only.found[0].startswith(
        "not the images of the release used in the reports: train 5 5, not 1437 in 10 classes"
    )


def test_small_decoder_differences_are_a_note(
    image_folder: MakeFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(statistics, "COMMITTED", tmp_path / "statistics.json")
    (tmp_path / "statistics.json").write_text("{}")
    folder = image_folder()
    found, _ = check("pets", ImageFolder(folder))
    write_committed_statistics(
        "pets", found.model_copy(update={"content": "0" * 32, "mean": tuple(value + 0.001 for value in found.mean)})
    )
    assert findings(folder) == [
        ("note", "pixels differ slightly from the release used in the reports: another image decoder?")
    ]
    write_committed_statistics("pets", found.model_copy(update={"mean": tuple(value + 0.01 for value in found.mean)}))
    assert findings(folder)[0][0] == "warning"


def test_statistics_are_read_as_they_were_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    expected = committed_statistics("digits")
    assert isinstance(expected, Statistics)
    monkeypatch.setattr(statistics, "COMMITTED", tmp_path / "statistics.json")
    (tmp_path / "statistics.json").write_text("{}")
    write_committed_statistics("x", expected)
    write_committed_statistics("y", expected)
    assert committed_statistics("x") == committed_statistics("y") == expected
    assert committed_statistics("z") is None


class TestCommand:
    def run(self, capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
        code = main(["datasets", *(str(argument) for argument in arguments)])
        return code, *capsys.readouterr()

    def test_valid_dataset(self, image_folder: MakeFolder, capsys: pytest.CaptureFixture[str]) -> None:
        folder = image_folder()
        code, out, _ = self.run(capsys, "check", "pets", "--data-root", folder.parent)
        assert code == 0
        assert out.startswith(f"pets: {folder}\n  2 classes, 10 train and 6 test images\n  content ")

    def test_unreadable_image(self, image_folder: MakeFolder, capsys: pytest.CaptureFixture[str]) -> None:
        folder = image_folder()
        (folder / "train/cat/0.png").write_bytes(b"no image")
        code, out, _ = self.run(capsys, "check", "pets", "--data-root", folder.parent)
        assert code == 1
        assert f"\nnot valid  {folder}/train/cat/0.png is not a readable image" in out

    def test_invalid_layout(self, image_folder: MakeFolder, capsys: pytest.CaptureFixture[str]) -> None:
        folder = image_folder(classes=("cat",))
        code, out, _ = self.run(capsys, "check", "pets", "--data-root", folder.parent)
        assert code == 1
        assert out.startswith(f"not valid  {folder} has one class only ('cat')")

    def test_usage_errors(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code, _, err = self.run(capsys, "check", "pest")
        assert code == 2
        assert err.startswith("error: unknown dataset 'pest': choose from cifar10, ")
        code, _, err = self.run(capsys, "check", "imagenette", "--cache", tmp_path)
        assert code == 2
        assert err.startswith("error: imagenette is not on this machine: ")
        with pytest.raises(SystemExit, match="2"):
            main(["datasets", "check"])

    def test_list(self, image_folder: MakeFolder, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        folder = image_folder("organs")
        code, out, _ = self.run(capsys, "list", "--data-root", folder.parent, "--cache", tmp_path)
        assert code == 0
        lines = dict(line.split(maxsplit=1) for line in out.splitlines())
        assert lines["digits"] == "in scikit-learn"
        assert lines["imagenette"].startswith("missing: imagenette is not on this machine: run with --download")
        assert lines["organs"] == f"{folder} (-k org selects it too)"

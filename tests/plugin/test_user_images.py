"""One command on a user's unprepared real and synthetic images."""

import csv
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from plugin_project import Project

pytestmark = pytest.mark.slow

BIRDS = ("Blue Jay", "cardinal", "gold_finch")


def picture(random: np.random.Generator, label: int, width: int, height: int) -> Image.Image:
    """Return noise in which one channel is bright."""
    pixels = random.integers(0, 120, (height, width, 3), dtype=np.uint8)
    pixels[..., 2 - label] += 100
    return Image.fromarray(pixels)


def messy_zip(path: Path) -> Path:
    """Write a zip with a top folder, no split, JPEGs and PNGs of several sizes and modes, groups, and other files."""
    random = np.random.default_rng(0)
    groups = io.StringIO()
    table = csv.writer(groups)
    table.writerow(("file_name", "group"))
    with zipfile.ZipFile(path, "w") as archive:
        for label, name in enumerate(BIRDS):
            for number in range(15):
                image = picture(random, label, *random.integers(16, 60, 2).tolist())
                kind = ("RGB", "L", "P", "RGBA", "RGB")[number % 5]
                image = image.convert(kind)
                if kind == "RGBA":
                    image.putalpha(200)
                format_ = "JPEG" if kind in ("RGB", "L") else "PNG"
                content = io.BytesIO()
                image.save(content, format_)
                file = f"{name}/IMG_{number:03d}.{'JPG' if format_ == 'JPEG' else 'png'}"
                archive.writestr(f"my birds/{file}", content.getvalue())
                table.writerow((file, f"{name} {number // 3}"))
        archive.writestr("my birds/metadata.csv", groups.getvalue())
        archive.writestr("my birds/README.txt", "about the images")
        archive.writestr("__MACOSX/my birds/._README.txt", "")
    return path


def generated(root: Path, counts: tuple[int, int, int], size: int) -> Path:
    """Write synthetic images, with class names in another spelling."""
    random = np.random.default_rng(1)
    for label, (name, count) in enumerate(zip(("blue_jay", "Cardinal", "Gold Finch"), counts, strict=True)):
        (root / name).mkdir(parents=True)
        for number in range(count):
            picture(random, label, size, size).save(root / name / f"{number}.webp")
    return root


def test_one_command_gives_verdicts_and_report_of_networks(project: Project) -> None:
    real = messy_zip(project.path / "birds.zip")
    few, many = (
        generated(project.path / "out" / name, counts, size)
        for name, counts, size in (("few", (6, 7, 8), 40), ("many", (20, 18, 16), 24))
    )
    arguments = ("--real", real, "--synthetic", f"few={few}", "--synthetic", f"many={many}")
    result = project.run(
        *arguments,
        "--classifier",
        "resnet18",
        "--seeds",
        "2",
        "--image-size",
        "8",
        "--limit-steps",
        "4",
        "--device",
        "cpu",
    )
    output = result.stdout.str()
    assert result.ret == 0, output
    result.assert_outcomes(passed=7)
    result.stdout.fnmatch_lines(
        [
            "profile: cpu (*), device: cpu",
            "profile chosen for 45 real and 21 synthetic and 54 synthetic images on * cpu worker*: *",
        ]
    )
    verdict_lines = [line for line in result.outlines if line.startswith("birds-")]
    assert len(verdict_lines) == 4
    verdicts = ("  undecided: ", "  not valid: ")  # two seeds decide nothing
    assert all(any(verdict in line for verdict in verdicts) for line in verdict_lines)
    assert "birds: Checks: " in output
    folder = project.path / "reports" / "birds" / "cpu"
    results = json.loads((folder / "results.json").read_text("utf-8"))
    summary = " ".join(text for check in results["datasets"][0]["checks"] for text in check["found"])
    for text in (
        "no test folder: 20% of each class held out, groups kept whole; a generator trained on all images has seen",
        "greyscale: 9 images",
        "palette: 9 images",
        "transparency composited on white: 9 images",
        "sizes from ",
        "'my birds/README.txt'",
    ):
        assert text in summary
    cells = {(cell["generator"], cell["mode"]): cell for cell in results["cells"]}
    assert [cell["status"] for cell in cells.values()] == ["done"] * 5
    assert cells["few", "syn"]["counts"]["synthetic"] == [6, 7, 8]
    assert cells["many", "mix"]["counts"]["synthetic"] == [12, 12, 12], "one for one with the real ones"
    assert cells["many", "mix"]["counts"]["size"] == 8
    names = {measured["name"] for measured in cells["few", "syn"]["measurements"]}
    assert {"FD (EfficientNet-Lite0)", "Copies (EfficientNet-Lite0)", "Copies (pixels)"} <= names
    assert cells["few", "mix"]["command"].endswith(
        "--profile cpu --classifier resnet18 --seeds 2 --image-size 8 --limit-steps 4 "
        "--real birds.zip --synthetic few=few --synthetic many=many"
    )
    page = (folder / "index.html").read_text("utf-8")
    for text in ("Nearest training images", "Least agreed", "greyscale: 9 images", "Blue Jay"):
        assert text in page
    assert (folder / "grid-birds-many.png").is_file()


def test_the_first_answer_is_a_linear_probe_on_all_images(project: Project) -> None:
    real = messy_zip(project.path / "birds.zip")
    made = generated(project.path / "out" / "few", (6, 7, 8), 40)
    result = project.run("--real", real, "--synthetic", f"few={made}", "--device", "cpu", "--jobs", "2")
    output = result.stdout.str()
    assert result.ret == 0, output
    result.stdout.fnmatch_lines(["birds: *", "note: this is the answer of a linear probe; networks take longer: *"])
    results = json.loads((project.path / "reports" / "birds" / "cpu" / "results.json").read_text("utf-8"))
    cells = {(cell["generator"], cell["mode"]): cell for cell in results["cells"]}
    assert {cell["classifier"]["name"] for cell in cells.values()} == {"linear-probe"}
    assert cells[None, "org"]["counts"]["real"] == [12, 12, 12], "no validation images are set aside"
    mix = cells["few", "mix"]
    assert mix["comparison"]["n_resamples"] == 20
    assert mix["judgement"]["seeds"] is None
    assert mix["command"].endswith("--profile cpu --real birds.zip --synthetic few=few")
    page = (project.path / "reports" / "birds" / "cpu" / "index.html").read_text("utf-8")
    assert "resampled training images" in page
    assert "linear probe on features of EfficientNet-Lite0 at 128 pixels" in page

"""--ceiling: half of one's own real images in place of synthetic ones."""

import json
import shutil
from pathlib import Path

import pytest
from plugin_project import Project

from suite.errors import UsageError


def test_it_needs_images_of_ones_own(project: Project, data_root: Path) -> None:
    assert project.options("--real", str(data_root / "photos"), "--ceiling").overrides.ceiling is True
    assert project.options().overrides.ceiling is False
    with pytest.raises(UsageError, match="--ceiling is for --real"):
        project.options("--ceiling")


@pytest.mark.slow
def test_half_is_trained_on_and_the_other_half_is_the_ceiling(project: Project, data_root: Path) -> None:
    mine = project.path / "made"
    shutil.copytree(data_root / "photos" / "train", mine)
    for number in range(7, 12):  # classes of different size are no reason to hand out less
        (data_root / "photos" / "train" / "red" / f"{number}.png").unlink()
    arguments = ("--real", data_root / "photos", "--synthetic", f"mine={mine}", "--ceiling", "--device", "cpu")
    result = project.run_here(*arguments)
    assert result.ret == 0
    (results,) = project.path.glob("reports/photos/*/results.json")
    read = json.loads(results.read_text("utf-8"))
    counts = {(cell["generator"], cell["mode"]): cell["counts"] for cell in read["cells"]}
    assert counts[None, "org"]["real"] == [6, 6, 3]
    assert counts["mine", "mix"]["synthetic"] == counts["heldback", "mix"]["synthetic"] == [6, 6, 3]
    assert "--ceiling: ORG and MIX train on 15 of the 31 real training images" in " ".join(read["notes"])
    assert "15 new real images instead" in result.stdout.str()
    assert all("--ceiling" in cell["command"] for cell in read["cells"])

"""A project of its own for a test of the plugin: the root conftest, the cases, and an ini file."""

import io
import shutil
import sys
import time
import zipfile
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from suite.classifiers.network import networks
from suite.datasets.dataset import datasets
from suite.generators.generator import generators
from suite.metrics.extractors.extractor import extractors
from suite.metrics.fidelity.metric import metrics
from suite.planning.run_options import RunOptions, check_options
from suite.plugin.options import OPTIONS

ROOT = Path(__file__).parents[2]
ADDOPTS = "addopts = --import-mode=importlib -p no:hypothesispytest\nmarkers = sweep: a variant\n"
USAGE_ERROR = 4
CASE = ("-k", "photos-org", "--seeds", "2", "--jobs", "2")  # the case that a finished project has run


class Project:
    """A directory in which pytest is run as a user would.

    Attributes:
        path: The directory.
        store: Its store, in which the content of digits is remembered already.
    """

    def __init__(self, pytester: pytest.Pytester, memo: Path) -> None:
        self.path = pytester.path
        self.store = self.path / ".store"
        self._pytester = pytester
        shutil.copy(ROOT / "conftest.py", self.path)
        shutil.copytree(ROOT / "cases", self.path / "cases", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(memo, self.store / "contents")
        self.ini("")

    def ini(self, text: str) -> None:
        """Write the ini file."""
        (self.path / "pytest.ini").write_text(f"[pytest]\n{ADDOPTS}{text}\n", encoding="utf-8")

    def settings(self, *arguments: str, ini: str = "", environment: Mapping[str, str] | None = None) -> RunOptions:
        """Return what the options come to, in this process."""
        self.ini(ini)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (environment or {}).items():
                patch.setenv(name, value)
            config = self._pytester.parseconfig("cases", *arguments)
            return check_options({option.name: option.value(config) for option in OPTIONS}, config.rootpath)

    def run(self, *arguments: str | Path) -> pytest.RunResult:
        """Run pytest on the cases, in a process of its own."""
        return self._pytester.runpytest_subprocess("cases", *map(str, arguments))

    def run_here(self, *arguments: str | Path) -> pytest.RunResult:
        """Run pytest on the cases in this process: many times quicker, for runs that end before anything is built."""
        printed, said, began = io.StringIO(), io.StringIO(), time.monotonic()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed), redirect_stderr(said):
            patch.setattr(generators, "_plugins", dict(generators._plugins))  # folders are added for one run
            status = pytest.main(["cases", *map(str, arguments)])
        for name, module in list(sys.modules.items()):  # the next project has others of these names
            if str(getattr(module, "__file__", None) or "").startswith(str(self.path)):
                del sys.modules[name]
        lines = printed.getvalue().splitlines(), said.getvalue().splitlines()
        return pytest.RunResult(status, *lines, time.monotonic() - began)

    def refusal(self, *arguments: str | Path) -> str:
        """Run pytest and return the one line with which it refuses."""
        found = self.run("-k", "digits and org", *arguments)
        assert found.ret == USAGE_ERROR, found.stdout.str() + found.stderr.str()
        everything = found.outlines + found.errlines
        assert not [line for line in everything if "Traceback" in line or "INTERNALERROR" in line]
        lines = [line for line in everything if line.startswith("ERROR: ")]
        assert len(lines) == 1, everything
        return lines[0].removeprefix("ERROR: ")


def import_what_a_run_imports() -> None:
    """Import it for good: what is first imported while pytester is at work is forgotten again, and made twice then."""
    for registry in (datasets, extractors, generators, metrics, networks):
        assert list(registry)
    for name in ("jinja2", "tabulate", "suite.engines.local", "suite.results.collect", "suite.report.curves"):
        import_module(name)
    for name in ("figures", "page", "plan_preview", "terminal", "writer"):
        import_module(f"suite.report.{name}")
    Image.init()


def paint(root: Path, name: str = "photos", train: int = 12, test: int = 6) -> Path:
    """Make a dataset of three colours under a data root, and return the root."""
    random = np.random.default_rng(0)
    for split, count in (("train", train), ("test", test)):
        for colour, label in enumerate(("blue", "green", "red")):
            folder = root / name / split / label
            folder.mkdir(parents=True)
            for number in range(count):
                pixels = random.integers(0, 120, (8, 8, 3), dtype=np.uint8)
                pixels[..., 2 - colour] += 100
                Image.fromarray(pixels).save(folder / f"{number}.png")
    return root


def zipped(folder: Path) -> Path:
    """Put a zip in the place of a folder."""
    path = folder.with_name(f"{folder.name}.zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, file.relative_to(folder))
    shutil.rmtree(folder)
    return path

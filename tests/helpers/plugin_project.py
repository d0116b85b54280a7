"""A separate project for a test of the plugin: the root conftest, the cases and an ini file."""

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

from suite.classifiers.classifier import classifiers
from suite.datasets.dataset import datasets
from suite.generators.generator import generators
from suite.metrics.extractors.extractor import extractors
from suite.metrics.fidelity.metric import metrics
from suite.planning.run_options import RunOptions, check_options
from suite.plugin.options import option_values

ROOT = Path(__file__).parents[2]
ADDOPTS = "addopts = --import-mode=importlib -p no:hypothesispytest\nmarkers = sweep: a variant\n"
USAGE_ERROR = 4
CASE = ("-k", "photos-org", "--seeds", "2", "--jobs", "2")  # the run of the fixture `finished`


class Project:
    """A directory in which pytest is run as a user would.

    Attributes:
        path: The directory.
        store: Its store; the content of digits is already cached in it.
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

    def options(self, *arguments: str, ini: str = "", environment: Mapping[str, str] | None = None) -> RunOptions:
        """Return the checked options of a command line, ini file and environment; runs in this process."""
        self.ini(ini)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (environment or {}).items():
                patch.setenv(name, value)
            config = self._pytester.parseconfig("cases", *arguments)
            return check_options(option_values(config), config.rootpath)

    def run(self, *arguments: str | Path) -> pytest.RunResult:
        """Run pytest on the cases in a separate process."""
        return self._pytester.runpytest_subprocess("cases", *map(str, arguments))

    def run_here(self, *arguments: str | Path) -> pytest.RunResult:
        """Run pytest on the cases in this process; much faster, for runs that end before anything is built."""
        stdout, stderr, started_at = io.StringIO(), io.StringIO(), time.monotonic()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(stdout), redirect_stderr(stderr):
            patch.setattr(generators, "_plugins", dict(generators._plugins))  # a run may add generators
            status = pytest.main(["cases", *map(str, arguments)])
        for name, module in list(sys.modules.items()):  # the next project has different modules with these names
            if str(getattr(module, "__file__", None) or "").startswith(str(self.path)):
                del sys.modules[name]
        lines = stdout.getvalue().splitlines(), stderr.getvalue().splitlines()
        return pytest.RunResult(status, *lines, time.monotonic() - started_at)

    def usage_error(self, *arguments: str | Path) -> str:
        """Run pytest and return its usage error, which must be one line without a traceback."""
        result = self.run("-k", "digits and org", *arguments)
        assert result.ret == USAGE_ERROR, result.stdout.str() + result.stderr.str()
        output = result.outlines + result.errlines
        assert not [line for line in output if "Traceback" in line or "INTERNALERROR" in line]
        lines = [line for line in output if line.startswith("ERROR: ")]
        assert len(lines) == 1, output
        return lines[0].removeprefix("ERROR: ")


def preload_modules() -> None:
    """Import the modules that a run imports, because pytester unloads modules that are first imported during a test."""
    for registry in (datasets, extractors, generators, metrics, classifiers):
        assert list(registry)
    for name in ("jinja2", "tabulate", "suite.engines.local", "suite.results.collect", "suite.report.curves"):
        import_module(name)
    for name in ("drawing", "figures", "heat_map", "page", "plan_preview", "terminal", "writer"):
        import_module(f"suite.report.{name}")
    Image.init()


def write_dataset(root: Path, name: str = "photos", train: int = 12, test: int = 6) -> Path:
    """Write a dataset with three classes of coloured noise under a data root, and return the root."""
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


def replace_by_zip(folder: Path) -> Path:
    """Replace a folder by a zip of its images, and return the path of the zip."""
    path = folder.with_name(f"{folder.name}.zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.png")):
            archive.write(file, file.relative_to(folder))
    shutil.rmtree(folder)
    return path

"""Add the cases to the wheel as ``suite/_cases``; everything else about the package is in ``pyproject.toml``."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithCases(build_py):
    """Copy ``cases/`` into the built package; an editable installation reads them from the checkout."""

    def run(self) -> None:
        """Build the package."""
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib, "suite", "_cases")
            self.mkpath(str(target))
            for path in sorted(Path("cases").glob("*.*")):
                self.copy_file(str(path), str(target / path.name))


setup(cmdclass={"build_py": BuildWithCases})

import subprocess
import sys

import pytest

from suite.datasets.dataset import datasets
from suite.datasets.statistics import committed_statistics

BUILT_IN = [name for name in datasets if datasets.is_built_in(name)]


@pytest.mark.parametrize(
    "name", sorted(set(BUILT_IN) - {"imagenette"})
)  # its files were not available when the others were committed
def test_statistics_are_committed(name: str) -> None:
    found = committed_statistics(name)
    assert found is not None
    assert len(found.train) == len(found.test) == len(datasets.get(name).card.classes)


def test_planning_with_datasets_imports_no_heavy_library() -> None:
    code = (
        "import sys; from suite.datasets.locate import available; from suite.artifacts import DataPaths;"
        "available(DataPaths()); import suite.generators.folder, suite.commands.datasets;"
        "heavy = {'numpy', 'torch', 'torchvision', 'PIL', 'scipy', 'sklearn'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

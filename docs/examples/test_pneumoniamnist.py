import numpy as np
import pytest
from pneumoniamnist import PneumoniaMnist

from suite.artifacts import DataPaths
from suite.testing import DatasetContract


class TestPneumoniaMnist(DatasetContract):
    plugin = PneumoniaMnist

    @pytest.fixture(scope="class")
    @classmethod
    def data_paths(cls, tmp_path_factory):
        root = tmp_path_factory.mktemp("data")
        random = np.random.default_rng(0)
        arrays = {}
        for part, count in {"train": 8, "val": 2, "test": 4}.items():
            arrays[f"{part}_images"] = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
            arrays[f"{part}_labels"] = np.arange(count, dtype=np.uint8).reshape(-1, 1) % 2
        (root / "pneumoniamnist").mkdir()
        np.savez(root / "pneumoniamnist" / "pneumoniamnist.npz", **arrays)
        return DataPaths(data_roots=(root,))

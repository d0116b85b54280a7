"""The contract of feature extractors."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from suite.artifacts import DataPaths
from suite.errors import Unavailable
from suite.metrics.extractors.extractor import Extractor
from suite.testing.checks import check_one_line, heavy_imports, reseed_global_generators, unavailable_message

if TYPE_CHECKING:
    import torch


def check_weights(extractor: Extractor, data_paths: DataPaths) -> None:
    """Check that the weights of an extractor are available, as planning does."""
    extractor.check(data_paths)


class ExtractorContract:
    """Tests for a feature extractor. Inherit and set ``plugin``; override ``data_paths`` if weights must be present.

    Attributes:
        plugin: The extractor class.
        side: Height and width in pixels of the network's input; None is the extractor's default.
    """

    plugin: type[Extractor]
    side: ClassVar[int | None] = None

    @pytest.fixture(scope="class")
    @classmethod
    def extractor(cls) -> Extractor:
        """The plugin; override this fixture if the class takes arguments."""
        return cls.plugin()

    @pytest.fixture(scope="class")
    @classmethod
    def data_paths(cls, tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
        """Where the weights are."""
        return DataPaths(cache=tmp_path_factory.mktemp("cache"))

    @pytest.fixture(scope="class")
    @classmethod
    def network(cls, extractor: Extractor, data_paths: DataPaths) -> "torch.nn.Module":
        """The network on the CPU; tests that need it are skipped if its weights are not available."""
        try:
            return extractor.load(cls.side or extractor.side, "cpu", data_paths)
        except Unavailable as error:
            pytest.skip(str(error))

    @pytest.fixture(scope="class")
    @classmethod
    def images(cls) -> "torch.Tensor":
        """Images of random pixels, uint8 (4, 32, 32, 3)."""
        import torch

        return torch.randint(0, 256, (4, 32, 32, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))

    def test_name_weights_and_resize(self, extractor: Extractor) -> None:
        """Name, weights, resize and side are parts of every metric's id, so they contain no separator of the id."""
        check_one_line(extractor.name, extractor.title, extractor.weights, extractor.resize)
        for part in (extractor.name, extractor.weights, extractor.resize):
            assert not set(":@()[] ") & set(part), f"{part!r} would make ids ambiguous"
        assert extractor.side >= 1
        assert extractor.classes >= 0

    def test_planning_imports_no_heavy_library(self, extractor: Extractor) -> None:
        """Weights that are on disk, or that may be downloaded, are found without importing anything heavy."""
        assert heavy_imports(check_weights, extractor, DataPaths(cache=Path("nowhere"), download=True)) == []

    def test_missing_weights_give_a_one_line_message(self, extractor: Extractor, tmp_path: Path) -> None:
        """If weights can be missing, the message is one line; nothing is downloaded without permission."""
        data_paths = DataPaths(cache=tmp_path / "cache")
        message = unavailable_message(lambda: extractor.check(data_paths))
        if message is not None:
            check_one_line(message)
        assert not data_paths.cache.exists()

    def test_shapes_of_features_and_logits(
        self, extractor: Extractor, network: "torch.nn.Module", images: "torch.Tensor"
    ) -> None:
        """Each image has one finite feature vector and one logit per class; the features are not all equal."""
        features, logits = network(images)
        assert features.ndim == 2
        assert len(features) == len(images)
        assert logits.shape == (len(images), extractor.classes)
        assert bool(features.isfinite().all())
        assert not bool((features[:1] == features[1:]).all())

    def test_features_do_not_depend_on_the_batch(self, network: "torch.nn.Module", images: "torch.Tensor") -> None:
        """In batches of one size, an image's features and logits are the same bit for bit, whatever else is in it.

        The state of the global random number generators makes no difference either.
        """
        others = images.clone()
        others[1:] = 0
        reseed_global_generators(1)
        among_images = network(images)
        reseed_global_generators(2)
        among_blanks = network(others)
        for first, second in zip(among_images, among_blanks, strict=True):
            assert bool((first[0] == second[0]).all())

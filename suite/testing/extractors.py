"""What every feature extractor promises."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from suite.artifacts import DataPaths
from suite.errors import Unavailable
from suite.metrics.extractors.extractor import Extractor
from suite.testing.checks import check_texts, disturb, heavy_imports, refusal

if TYPE_CHECKING:
    import torch


def look_for_weights(extractor: Extractor, data_paths: DataPaths) -> None:
    """Do what planning does with an extractor."""
    extractor.check(data_paths)


class ExtractorContract:
    """Inherit, and set ``plugin``; override ``data_paths`` or the environment where weights have to be there.

    Attributes:
        plugin: The class.
        side: Height and width in pixels at which it looks; None is its own.
    """

    plugin: type[Extractor]
    side: ClassVar[int | None] = None

    @pytest.fixture(scope="class")
    @classmethod
    def extractor(cls) -> Extractor:
        """The plugin; override it where the class takes arguments."""
        return cls.plugin()

    @pytest.fixture(scope="class")
    @classmethod
    def data_paths(cls, tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
        """Where the weights lie."""
        return DataPaths(cache=tmp_path_factory.mktemp("cache"))

    @pytest.fixture(scope="class")
    @classmethod
    def network(cls, extractor: Extractor, data_paths: DataPaths) -> "torch.nn.Module":
        """The network."""
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

    def test_says_what_it_is(self, extractor: Extractor) -> None:
        """Name, weights, resize and side are parts of every metric's id."""
        check_texts(extractor.name, extractor.title, extractor.weights, extractor.resize)
        for word in (extractor.name, extractor.weights, extractor.resize):
            assert not set(":@()[] ") & set(word), f"{word!r} would make ids ambiguous"
        assert extractor.side >= 1
        assert extractor.classes >= 0

    def test_planning_is_light(self, extractor: Extractor) -> None:
        """Weights are looked for, or may be downloaded, without importing anything heavy."""
        assert heavy_imports(look_for_weights, extractor, DataPaths(cache=Path("nowhere"), download=True)) == []

    def test_missing_weights_are_one_line(self, extractor: Extractor, tmp_path: Path) -> None:
        """Unless they cannot be missing; nothing is fetched without leave."""
        data_paths = DataPaths(cache=tmp_path / "cache")
        words = refusal(lambda: extractor.check(data_paths))
        if words is not None:
            check_texts(words)
        assert not data_paths.cache.exists()

    def test_features_and_logits_have_the_shapes_promised(
        self, extractor: Extractor, network: "torch.nn.Module", images: "torch.Tensor"
    ) -> None:
        """One vector an image, that is not the same for all, and as many logits as it knows classes."""
        features, logits = network(images)
        assert features.ndim == 2
        assert len(features) == len(images)
        assert logits.shape == (len(images), extractor.classes)
        assert bool(features.isfinite().all())
        assert not bool((features[:1] == features[1:]).all())

    def test_what_it_says_of_an_image_is_the_same_in_any_company(
        self, network: "torch.nn.Module", images: "torch.Tensor"
    ) -> None:
        """To the bit, in batches of one size, and whatever the state of anyone's random numbers."""
        others = images.clone()
        others[1:] = 0
        disturb(1)
        among_images = network(images)
        disturb(2)
        among_blanks = network(others)
        for one, other in zip(among_images, among_blanks, strict=True):
            assert bool((one[0] == other[0]).all())

import subprocess
import sys

import pytest

from suite.datasets.dataset import Dataset, datasets
from suite.datasets.statistics import committed
from suite.registry import SELECTORS

BUILT_IN = [name for name in datasets if datasets.is_built_in(name)]


@pytest.mark.parametrize("name", BUILT_IN)
class TestCard:
    @pytest.fixture
    def dataset(self, name: str) -> Dataset:
        return datasets.get(name)

    def test_says_what_a_reader_wants_to_know(self, dataset: Dataset) -> None:
        card = dataset.card
        for text in (card.title, card.version, card.licence, card.citation, card.get):
            assert text.strip()
            assert text.isprintable()
        assert card.url.startswith("https://")

    def test_classes_are_distinct_and_prompts_take_them(self, dataset: Dataset) -> None:
        assert len(set(dataset.card.classes)) == len(dataset.card.classes) >= 2
        for prompt in dataset.card.prompts:
            assert prompt.count("{}") == 1
            assert dataset.card.classes[0] in prompt.format(dataset.card.classes[0])

    def test_aliases_stand_for_classes(self, dataset: Dataset) -> None:
        assert set(dataset.aliases.values()) <= set(dataset.card.classes)
        assert not set(dataset.aliases) & set(dataset.card.classes)

    def test_name_selects_nothing_else(self, name: str) -> None:
        assert not [word for word in SELECTORS if word in name]


@pytest.mark.parametrize("name", sorted(set(BUILT_IN) - {"imagenette"}))  # nobody could read it where this was made
def test_statistics_are_committed(name: str) -> None:
    found = committed(name)
    assert found is not None
    assert len(found.train) == len(found.test) == len(datasets.get(name).card.classes)


def test_planning_with_datasets_imports_nothing_heavy() -> None:
    code = (
        "import sys; from suite.datasets.locate import available; from suite.artifacts import Places;"
        "available(Places()); import suite.generators.folder, suite.datasets.__main__;"
        "heavy = {'numpy', 'torch', 'torchvision', 'PIL', 'scipy', 'sklearn'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

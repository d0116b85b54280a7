"""Dry run: planning for ``--plan``, also for datasets and pipelines that are not on this machine."""

from functools import cached_property

from suite.artifacts import Download
from suite.datasets.content import Content
from suite.datasets.dataset import datasets
from suite.datasets.locate import LocatedDataset
from suite.datasets.statistics import committed_statistics
from suite.errors import Unavailable
from suite.generators.folder import Folder
from suite.generators.generator import GeneratorSettings
from suite.planning.planner import Planner
from suite.planning.profiles import Budget

ABSENT = "not on this machine"


class DryRunPlanner(Planner):
    """A planner that also plans cells whose dataset or pipeline is absent; it downloads nothing.

    An absent dataset is planned from its committed statistics, so its recipes have the keys of the committed content.
    Another release of the dataset, or JPEGs decoded by another decoder, has other keys.
    """

    @cached_property
    def absent(self) -> dict[str, Unavailable]:
        """Why a dataset is absent, by its name."""
        return {}

    def locate(self, dataset: str) -> LocatedDataset:
        """Find a dataset or its committed statistics; raises Unavailable if neither exists."""
        if dataset not in self._located:
            try:
                without_download = self.data_paths.model_copy(update={"download": False})
                self._located[dataset] = self._read(dataset, without_download)
            except Unavailable as error:
                self._located[dataset] = _from_statistics(dataset, error)
                self.absent[dataset] = error
        return self._located[dataset]

    def _settings(self, name: str, budget: Budget) -> GeneratorSettings:
        # A pipeline that would have to be downloaded is planned as well; planning itself downloads nothing. Existing
        # images cannot be planned without reading them.
        generator = self.generator(name)
        data_paths = self.data_paths.model_copy(update={"download": not isinstance(generator, Folder)})
        return generator.configure(budget.generator.get(name, {}), data_paths)

    def downloads(self, dataset: str) -> tuple[Download, ...]:
        """Return what has to be downloaded before a dataset's first recipe can be built."""
        if dataset not in self.absent or datasets.get(dataset).download_bytes is None:
            return ()
        return (Download(what=dataset, size=datasets.get(dataset).download_bytes),)


def _from_statistics(dataset: str, error: Unavailable) -> LocatedDataset:
    """Return an absent dataset as its committed statistics describe it; raises ``error`` if there are none."""
    plugin = datasets.get(dataset)
    statistics = committed_statistics(plugin.statistics_of or dataset)
    if statistics is None or not plugin.card.classes:
        raise error
    content = Content(
        id=statistics.content,
        classes=plugin.card.classes,
        train=statistics.train,
        test=statistics.test,
        largest_side=max(statistics.largest),
    )
    return LocatedDataset(plugin.card, ABSENT, content)

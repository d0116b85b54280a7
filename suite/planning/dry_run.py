"""Planning what cannot be run yet: nothing is fetched, and what is not here is known from committed statistics."""

from functools import cached_property

from suite.artifacts import Download
from suite.datasets.content import Content
from suite.datasets.dataset import datasets
from suite.datasets.locate import Located, locate
from suite.datasets.statistics import committed
from suite.errors import Unavailable
from suite.generators.generator import GeneratorSettings, generators
from suite.planning.planner import Planner
from suite.planning.profiles import Budget

NOWHERE = "not here"


class DryRunPlanner(Planner):
    """A planner that looks ahead: cells whose dataset or pipeline is not here are planned all the same.

    The recipes of an absent dataset have the keys of the committed content; another release, or JPEGs decoded by
    another decoder, will have others.
    """

    @cached_property
    def absent(self) -> dict[str, Unavailable]:
        """Why a dataset is not here, by its name."""
        return {}

    def locate(self, dataset: str) -> Located:
        """Find a dataset, or what is known of it; raises Unavailable if that is nothing."""
        if dataset not in self._located:
            try:
                here = self.data_paths.model_copy(update={"download": False})
                self._located[dataset] = locate(dataset, here, self._memo, on_progress=self._on_progress)
            except Unavailable as error:
                self._located[dataset] = _known(dataset, error)
                self.absent[dataset] = error
        return self._located[dataset]

    def _settings(self, name: str, budget: Budget) -> GeneratorSettings:
        # A pipeline that may be downloaded is planned with; planning itself fetches none.
        data_paths = self.data_paths.model_copy(update={"download": True})
        return generators.get(name).configure(budget.generator.get(name, {}), data_paths)

    def downloads(self, dataset: str) -> tuple[Download, ...]:
        """Return what has to be fetched before a dataset's first recipe can be built."""
        if dataset not in self.absent or datasets.get(dataset).download_bytes is None:
            return ()
        return (Download(what=dataset, size=datasets.get(dataset).download_bytes),)


def _known(dataset: str, error: Unavailable) -> Located:
    """Return what the committed statistics tell of a dataset that is not here; raises ``error`` if it is nothing."""
    plugin = datasets.get(dataset)
    statistics = committed(plugin.counted_as or dataset)
    if statistics is None or not plugin.card.classes:
        raise error
    content = Content(id=statistics.content, classes=plugin.card.classes, train=statistics.train, test=statistics.test)
    return Located(plugin.card, NOWHERE, content)

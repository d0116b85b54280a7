"""Published image sets as generators: one for each card in ``suite.datasets.published``."""

from suite.artifacts import DataPaths
from suite.datasets.checks import Check, Rule, run_rules
from suite.datasets.imagefolder import ImageFolder
from suite.datasets.published import PublishedCard, find_published, published_cards
from suite.errors import UsageError
from suite.generators.folder import Folder, FolderSettings
from suite.generators.generator import GeneratorSettings, Request, generators

CARD_RULES: tuple[Rule[PublishedCard], ...] = (
    Rule(
        "known properties", "note", "What the card of a published set says about its images.", lambda card: card.remarks
    ),
)


class Published(Folder):
    """Generator whose images somebody published. It reads them as ``Folder`` does.

    Args:
        card: The card of the set.
    """

    def __init__(self, card: PublishedCard) -> None:
        super().__init__(card.name)
        self.card = card
        self.title = card.title
        self.trained_on = card.trained_on

    def source(self, data_paths: DataPaths) -> ImageFolder:
        """Return the files under a data root, else the download; raises Unavailable if there are none."""
        return find_published(self.card, data_paths)

    def describe(self, settings: GeneratorSettings, size: int) -> str:  # noqa: ARG002
        """Return the number of images, the model, what it was trained on, the licence and the source."""
        assert isinstance(settings, FolderSettings)
        card, count = self.card, sum(settings.content.counts)
        images = f"{card.title}: {count:,} images of {card.model}, trained on {card.training_data}"
        return f"{images}; {card.licence}; {card.url}"

    def checks(self, settings: GeneratorSettings) -> tuple[Check, ...]:
        """Return the outcome of the checks on the images, and what the card says about them."""
        return (*super().checks(settings), *run_rules(CARD_RULES, self.card))

    def available(self, request: Request, settings: GeneratorSettings) -> tuple[int, ...]:
        """Return how many images of each requested class the set holds.

        Raises:
            UsageError: If the set is for another dataset.
            BadData: If the classes of the set are not those of the dataset.
        """
        if request.dataset != self.card.dataset:
            raise UsageError(
                f"{self.name} has images for {self.card.dataset}, not for {request.dataset}: "
                f"remove it from the generators of {request.dataset}"
            )
        return super().available(request, settings)


for _card in published_cards().values():
    generators.add(Published(_card))

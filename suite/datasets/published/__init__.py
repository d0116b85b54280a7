"""Published sets of synthetic images: their cards, and their files on this machine."""

from suite.datasets.published.card import PublishedCard, published_cards, read_cards
from suite.datasets.published.files import PublishedFolder, find_published

__all__ = ["PublishedCard", "PublishedFolder", "find_published", "published_cards", "read_cards"]

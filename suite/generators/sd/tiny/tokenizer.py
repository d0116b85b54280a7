"""Tokenizer of the tiny pipeline: byte pair encoding as in CLIP, learnt from the captions."""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from tokenizers.pre_tokenizers import ByteLevel
from transformers import CLIPTokenizer

MERGES = 86
LENGTH = 32
END = "</w>"
START_OF_TEXT, END_OF_TEXT = "<|startoftext|>", "<|endoftext|>"


def make_tokenizer(texts: Iterable[str]) -> CLIPTokenizer:
    """Return a tokenizer of at most 600 tokens: all bytes, all bytes at the end of a word, 86 merges, start and end.

    Any text can be tokenized: words of the captions become one or a few tokens, other words about one token per byte.

    Args:
        texts: The captions.
    """
    merges = learn_merges(texts, MERGES)
    alphabet = sorted(ByteLevel.alphabet())
    tokens = [*alphabet, *(byte + END for byte in alphabet), *map("".join, merges), START_OF_TEXT, END_OF_TEXT]
    return CLIPTokenizer(
        vocab={token: index for index, token in enumerate(tokens)}, merges=merges, model_max_length=LENGTH
    )


def learn_merges(texts: Iterable[str], count: int) -> list[tuple[str, str]]:
    """Learn byte pair merges (Sennrich et al., arXiv 1508.07909).

    Ties are resolved by alphabetical order. The trainer of the ``tokenizers`` library resolves them by the order of a
    hash table, which changes from run to run.

    Args:
        texts: The captions.
        count: Maximum number of merges.

    Returns:
        The pairs of symbols, in the order in which they are to be merged.
    """
    words = Counter(word for text in texts for word in text.lower().split())
    spellings = {word: (*word[:-1], word[-1] + END) for word in words}
    merges: list[tuple[str, str]] = []
    while len(merges) < count:
        pairs: Counter[tuple[str, str]] = Counter()
        for word, spelling in spellings.items():
            for pair in pairwise(spelling):
                pairs[pair] += words[word]
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        spellings = {word: _merged(spelling, best) for word, spelling in spellings.items()}
    return merges


def _merged(spelling: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    merged: list[str] = []
    for symbol in spelling:
        if merged and (merged[-1], symbol) == pair:
            merged[-1] += symbol
        else:
            merged.append(symbol)
    return tuple(merged)

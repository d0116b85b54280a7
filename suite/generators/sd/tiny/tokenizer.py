"""The tiny pipeline's tokenizer: byte pairs learnt from the captions, as CLIP's are from the web."""

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
    """Return a tokenizer of at most 600 tokens: every byte, every byte that ends a word, 86 merges, start and end.

    Any text can be tokenized; words of the captions become one or a few tokens, any other word one a byte or so.
    """
    merges = learn_merges(texts, MERGES)
    alphabet = sorted(ByteLevel.alphabet())
    tokens = [*alphabet, *(byte + END for byte in alphabet), *map("".join, merges), START_OF_TEXT, END_OF_TEXT]
    return CLIPTokenizer(
        vocab={token: index for index, token in enumerate(tokens)}, merges=merges, model_max_length=LENGTH
    )


def learn_merges(texts: Iterable[str], count: int) -> list[tuple[str, str]]:
    """Return the pairs to merge, first come first (Sennrich et al., arXiv 1508.07909).

    The trainer of the ``tokenizers`` library breaks ties by the order of a hash table, which changes from run to run;
    here the pair that sorts first wins.
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

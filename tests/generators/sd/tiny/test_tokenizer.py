from hypothesis import given, settings
from hypothesis import strategies as st

from suite.generators.sd.tiny.fonts import captions
from suite.generators.sd.tiny.tokenizer import LENGTH, learn_merges, make_tokenizer

TEXTS = [text for _, _, text in captions()]


def test_the_most_frequent_pair_is_merged_first_and_ties_are_resolved_alphabetically() -> None:
    assert learn_merges(["ab ab cb"], 3) == [("a", "b</w>"), ("c", "b</w>")]
    assert learn_merges(["cb ab"], 1) == [("a", "b</w>")]
    assert learn_merges(["Aa aa"], 1) == [("a", "a</w>")]


def test_every_word_of_a_caption_is_one_token() -> None:
    tokenizer = make_tokenizer(TEXTS)
    assert 2 * 256 + 2 < len(tokenizer) <= 600
    for text, ids in zip(TEXTS, tokenizer(TEXTS).input_ids, strict=True):
        assert len(ids) == len(text.split()) + 2 < LENGTH


def test_class_names_of_other_datasets_are_tokenized_without_loss() -> None:
    tokenizer = make_tokenizer(TEXTS)
    tokens = tokenizer.tokenize("A photo of a French horn")
    assert "".join(tokens).replace("</w>", " ").strip() == "a photo of a french horn"
    assert tokenizer.unk_token not in tokens


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=30))
def test_any_text_has_start_and_end_tokens(text: str) -> None:
    tokenizer = _TOKENIZER
    ids = tokenizer(text, padding="max_length", truncation=True).input_ids
    assert len(ids) == LENGTH
    assert ids[0] == tokenizer.bos_token_id
    assert ids[-1] == tokenizer.eos_token_id == tokenizer.pad_token_id


_TOKENIZER = make_tokenizer(TEXTS)

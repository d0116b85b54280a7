import torch

from suite.generators.sd.tiny.text_encoder import TextAndImage, tokenize
from suite.generators.sd.tiny.tokenizer import LENGTH, make_tokenizer
from suite.randomness import initialising

TEXTS = ["one", "two", "three bold", ""]


def test_what_a_text_becomes_does_not_depend_on_the_padding_behind_it() -> None:
    tokenizer = make_tokenizer(TEXTS)
    with initialising(0, "test"):
        encoder = TextAndImage(tokenizer).text.eval()
    ids = tokenize(tokenizer, TEXTS)
    assert ids.shape == (4, LENGTH)
    with torch.no_grad():
        whole, short = encoder(ids), encoder(ids[:, :6])
    assert torch.allclose(whole.last_hidden_state[:, :6], short.last_hidden_state, atol=1e-5)
    assert torch.allclose(whole.pooler_output, short.pooler_output, atol=1e-5)


def test_the_loss_falls_when_pictures_find_their_captions() -> None:
    tokenizer = make_tokenizer(TEXTS)
    with initialising(0, "test"):
        pair = TextAndImage(tokenizer)
        images = torch.rand(4, 3, 16, 16) * 2 - 1
    ids = tokenize(tokenizer, TEXTS)[:, :6]
    optimiser = torch.optim.Adam(pair.parameters(), lr=2e-3)
    losses = []
    for _ in range(30):
        loss = pair.loss(images, ids)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.1 < losses[0]

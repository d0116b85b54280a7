import torch

from suite.generators.sd.tiny.text_encoder import ContrastivePair, tokenize
from suite.generators.sd.tiny.tokenizer import LENGTH, make_tokenizer
from suite.randomness import initialising

TEXTS = ["one", "two", "three bold", ""]


def test_embeddings_do_not_depend_on_the_padding() -> None:
    tokenizer = make_tokenizer(TEXTS)
    with initialising(0, "test"):
        encoder = ContrastivePair(tokenizer).text.eval()
    ids = tokenize(tokenizer, TEXTS)
    assert ids.shape == (4, LENGTH)
    with torch.no_grad():
        full, cut = encoder(ids), encoder(ids[:, :6])
    assert torch.allclose(full.last_hidden_state[:, :6], cut.last_hidden_state, atol=1e-5)
    assert torch.allclose(full.pooler_output, cut.pooler_output, atol=1e-5)


def test_the_loss_decreases_in_training() -> None:
    tokenizer = make_tokenizer(TEXTS)
    with initialising(0, "test"):
        pair = ContrastivePair(tokenizer)
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

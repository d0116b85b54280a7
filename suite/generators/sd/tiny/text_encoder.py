"""Text encoder of the tiny pipeline, trained like CLIP (Radford et al., arXiv 2103.00020)."""

import torch
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from suite.generators.sd.tiny.tokenizer import LENGTH

WIDTH = 64
INITIAL_SCALE = 10.0


class ContrastivePair(nn.Module):
    """A text encoder and a small image encoder, trained together. Only the text encoder is kept afterwards.

    Args:
        tokenizer: Tokenizer of the captions.
    """

    def __init__(self, tokenizer: CLIPTokenizer) -> None:
        super().__init__()
        config = CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=4 * WIDTH,
            projection_dim=WIDTH,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=LENGTH,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
        self.text = CLIPTextModel(config)
        self.image = nn.Sequential(
            *(nn.Conv2d(3, 16, 3, 2, 1), nn.ReLU()),
            *(nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU()),
            *(nn.Conv2d(32, 64, 3, 2, 1), nn.ReLU()),
            *(nn.Flatten(), nn.Linear(256, WIDTH)),
        )
        self.scale = nn.Parameter(torch.tensor(INITIAL_SCALE).log())

    def loss(self, images: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """Return CLIP's contrastive loss: the mean cross-entropy of image to caption and caption to image.

        Args:
            images: float32 (B, 3, 16, 16) in [-1, 1].
            ids: Token ids of the caption of each image, int64 (B, L).
        """
        text_features = nn.functional.normalize(self.text(ids).pooler_output, dim=1)
        image_features = nn.functional.normalize(self.image(images), dim=1)
        logits = image_features @ text_features.T * self.scale.exp().clamp(max=100)
        matching = torch.arange(len(images), device=images.device)
        return 0.5 * (nn.functional.cross_entropy(logits, matching) + nn.functional.cross_entropy(logits.T, matching))


def tokenize(tokenizer: CLIPTokenizer, texts: list[str]) -> torch.Tensor:
    """Return token ids, int64 (N, LENGTH), truncated or padded like in the pipelines of Stable Diffusion."""
    ids: torch.Tensor = tokenizer(
        texts, padding="max_length", truncation=True, max_length=LENGTH, return_tensors="pt"
    ).input_ids
    return ids

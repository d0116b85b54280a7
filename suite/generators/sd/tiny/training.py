"""Pretraining of the tiny pipeline: text encoder, then autoencoder, then denoising network."""

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from transformers import CLIPTextModel

from suite.artifacts import BuildContext
from suite.devices import to_device
from suite.errors import BadData
from suite.generators.common.minibatches import Minibatches
from suite.generators.sd.progress_bars import disable_progress_bars
from suite.generators.sd.tiny.autoencoder import encode, make_autoencoder, reconstruction_loss
from suite.generators.sd.tiny.denoiser import DenoisingTask, make_denoiser, make_scheduler
from suite.generators.sd.tiny.fonts import fonts_id
from suite.generators.sd.tiny.glyphs import render
from suite.generators.sd.tiny.settings import HISTORY, PIPELINE, StageSettings, TinyTraining
from suite.generators.sd.tiny.stages import Stages
from suite.generators.sd.tiny.text_encoder import ContrastivePair, tokenize
from suite.generators.sd.tiny.tokenizer import make_tokenizer
from suite.randomness import derive, initialising


def train(context: BuildContext, *, fonts: str, settings: TinyTraining, seed: int) -> None:
    """Train the three networks and save the pipeline and its history, resuming from the newest checkpoint.

    Args:
        context: Build context that the payload is written to.
        fonts: Content id of the typefaces that were planned.
        settings: Training budget.
        seed: Seed of the images, the initial weights, the order of the images and the noise.

    Raises:
        Unavailable: If a typeface is missing.
        BadData: If the typefaces changed since the work was planned.
        Diverged: If a loss is not finite.
    """
    if fonts_id() != fonts:
        raise BadData("matplotlib's fonts changed since the work was planned: start the run again")
    pretraining = _Pretraining(context, settings, seed)
    text_encoder = pretraining.text_encoder()
    autoencoder = pretraining.autoencoder()
    denoiser = pretraining.denoiser(text_encoder, autoencoder)
    pipeline = StableDiffusionPipeline(
        vae=autoencoder,
        text_encoder=text_encoder,
        tokenizer=pretraining.tokenizer,
        unet=denoiser,
        scheduler=make_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    disable_progress_bars()
    pipeline.to("cpu").save_pretrained(context.payload / PIPELINE, safe_serialization=True)
    context.write_json(HISTORY, pretraining.stages.history)


class _Pretraining:
    """The captioned images, and the training of each network on them."""

    def __init__(self, context: BuildContext, settings: TinyTraining, seed: int) -> None:
        self.stages = Stages(
            context, settings.text_encoder.steps + settings.autoencoder.steps + settings.denoiser.steps
        )
        self._settings = settings
        self._seed = seed
        self._device = context.device
        self._glyphs, captions = render(settings.glyphs, seed)
        self.tokenizer = make_tokenizer(captions)
        self._ids = tokenize(self.tokenizer, [*captions, ""]).to(context.device)

    def text_encoder(self) -> CLIPTextModel:
        with initialising(self._seed, "text encoder"):
            pair = ContrastivePair(self.tokenizer)
        batches = self._batches("text encoder", self._settings.text_encoder)
        # The encoder is causal: the embeddings of a text do not depend on the padding after it, so it is cut off.
        longest = int((self._ids != self.tokenizer.pad_token_id).sum(1).max()) + 1

        def loss(step: int) -> torch.Tensor:
            images, captions = batches(step)
            return pair.loss(images, self._ids[captions, :longest])

        return self.stages.run("text_encoder", self._settings.text_encoder, pair, loss).text

    def autoencoder(self) -> AutoencoderKL:
        with initialising(self._seed, "autoencoder"):
            network = make_autoencoder()
        batches = self._batches("autoencoder", self._settings.autoencoder)

        def loss(step: int) -> torch.Tensor:
            return reconstruction_loss(network, batches(step)[0], self._seed, step)

        return self.stages.run("autoencoder", self._settings.autoencoder, network, loss)

    def denoiser(self, text_encoder: CLIPTextModel, autoencoder: AutoencoderKL) -> UNet2DConditionModel:
        with initialising(self._seed, "denoiser"):
            network = make_denoiser()
        batches = self._batches("denoiser", self._settings.denoiser)
        with torch.no_grad():
            embeddings = text_encoder(self._ids).last_hidden_state
        latents = encode(autoencoder, batches.images)
        task = DenoisingTask(latents, embeddings, dropout=self._settings.caption_dropout, seed=self._seed)

        def loss(step: int) -> torch.Tensor:
            indices = to_device(torch.from_numpy(batches.indices(step)), self._device)
            return task.loss(network, step, indices, batches.labels[indices])

        return self.stages.run("denoiser", self._settings.denoiser, network, loss, ema=self._settings.ema)

    def _batches(self, name: str, stage: StageSettings) -> Minibatches:
        return Minibatches(
            self._glyphs,
            batch_size=stage.batch_size,
            seed=derive(self._seed, name),
            flip=False,
            device=self._device,
        )
